/** The language of one turn: a thought and exactly one action of the allowed tools. */
import { ApiError } from '#shared/errors';
import { THOUGHT_BYTES_MAX } from '#shared/limits';
import { toolSpec } from '#shared/tools/index';
import { jsonSchemaOf, objectPattern, type PatternContext, stringPattern, styles } from './json-pattern.ts';
import { choice, literal, type Pattern, sequence } from './pattern.ts';

/** The only action that ends a run. */
const TERMINATE = 'Terminate';

export type TurnLanguage = {
  readonly tools: readonly string[];
  /** Number of images in the conversation: image-0 ... are the only names there are. */
  readonly images: number;
  /** Only Terminate may be chosen. */
  readonly final: boolean;
};

/**
 * `{"thought":…,"actions":[{"name":…,"arguments":{…}}]}`, compact or with a blank after each separator;
 * the first separator decides. Throws ApiError `invalid_request` for a tool that does not exist.
 */
export function turnPattern({ tools, images, final }: TurnLanguage): Pattern {
  const allowed = final ? [TERMINATE] : tools;
  const specs = allowed.map((name) => {
    const spec = toolSpec(name);
    if (!spec) throw new ApiError('invalid_request', `There is no tool named ${JSON.stringify(name)}.`);
    return { name, schema: jsonSchemaOf(spec.arguments) };
  });
  const names = Array.from({ length: images }, (_, index) => `image-${index}`);
  const inStyle = (style: PatternContext['style']): Pattern => {
    const { comma, colon } = style;
    const action = ({ name, schema }: (typeof specs)[number]): Pattern =>
      sequence(
        literal(`${JSON.stringify(name)}${comma}"arguments"${colon}`),
        objectPattern(schema, { style, images: names }),
      );
    return sequence(
      literal(`{"thought"${colon}`),
      stringPattern(0, THOUGHT_BYTES_MAX),
      literal(`${comma}"actions"${colon}[{"name"${colon}`),
      choice(...specs.map(action)),
      literal('}]}'),
    );
  };
  return choice(...styles.map(inStyle));
}
