/**
 * QueryLanguageModel. Which model answers is not decided here: the planner's own decoder, or one that speaks the
 * OpenAI API (`gpu-backend/tool-hosts.ts`).
 */
import type { OpenTool } from '#backend/tools/index';
import { ToolFailure, type ToolHandler } from '#backend/tools/tool';
import { ANSWER_CHARS_MAX } from '#shared/limits';
import { queryLanguageModel } from '#shared/tools/query-language-model';
import { withoutUnseen } from '#shared/unseen';

/** Answers one question in plain text. Throws ToolFailure where it has no answer. */
export type LanguageModel = (query: string, signal: AbortSignal) => Promise<string>;

/** What the model is told before the question. */
export const INSTRUCTION =
  'Answer the question in a few plain sentences. If you do not know the answer, say so and do not guess.';

export function openQueryLanguageModel(model: LanguageModel): OpenTool {
  const handler: ToolHandler<typeof queryLanguageModel> = async ({ query }, { signal }) => {
    const text = withoutUnseen(await model(query, signal)).trim();
    if (text === '') {
      throw new ToolFailure(
        'no_answer',
        'The language model wrote nothing. Ask in other words, or go on without it.',
      );
    }
    return { observation: { result: text.slice(0, ANSWER_CHARS_MAX).toWellFormed() } };
  };
  // As in the registry: name and handler belong together by the line above.
  return { spec: queryLanguageModel, handler: handler as OpenTool['handler'] };
}
