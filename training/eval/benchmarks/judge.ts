/** Any model behind an OpenAI-compatible endpoint as the judge of answers. */
import type { Teacher } from '../../cota/teacher.ts';
import type { Options } from './formats.ts';
import type { Judge } from './score.ts';

const OPTION = `You match an answer to the options of a question. Reply with the letter of the option that the answer means, and with Z if it means none. Reply with one letter and nothing else.`;

const GRADE = `You compare an answer with the ground truth of a question. Parts of the ground truth that are joined by <AND> are all needed; of parts that are joined by <OR> any one will do. Reply with one number from 0.0 (all wrong) to 1.0 (all right) in steps of 0.1, by how much of what is needed the answer says, and nothing else.`;

export function judgeOf(teacher: Teacher): Judge {
  const ask = async (system: string, user: string): Promise<string> => {
    const reply = await teacher.ask(
      [
        { role: 'system', content: system },
        { role: 'user', content: user },
      ],
      [],
    );
    return reply.text.trim();
  };
  return {
    option: async (question, options, answer) => {
      const said = await ask(OPTION, `${question}\n\nOptions:\n${listed(options)}\n\nAnswer: ${answer}`);
      const letter = /\b([A-Z])\b/.exec(said)?.[1];
      return options.some((option) => option.letter === letter) ? letter : undefined;
    },
    grade: async (question, truth, answer) => {
      const said = await ask(GRADE, `Question: ${question}\nGround truth: ${truth}\nAnswer: ${answer}`);
      const number = Number(/\d+(?:\.\d+)?/.exec(said)?.[0] ?? Number.NaN);
      return Number.isFinite(number) ? Math.min(1, Math.max(0, number)) : 0;
    },
  };
}

const listed = (options: Options): string =>
  options.map(({ letter, text }) => `${letter}. ${text}`).join('\n');
