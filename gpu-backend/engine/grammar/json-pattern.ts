/** JSON values as patterns, from the JSON Schema of a tool's arguments. */
import * as z from 'zod';
import { bytes, choice, literal, optional, type Pattern, repeat, sequence, star } from './pattern.ts';

/** White space after separators: none, as JSON.stringify writes, or one blank, as Python does. */
export type Style = { readonly comma: string; readonly colon: string };
export const styles: readonly Style[] = [
  { comma: ',', colon: ':' },
  { comma: ', ', colon: ': ' },
];

/** The part of JSON Schema that tool arguments use; anything else is refused when the grammar is built. */
const jsonSchema = z.object({
  type: z.enum(['string', 'number', 'integer', 'array', 'object', 'boolean']).optional(),
  enum: z.array(z.string()).optional(),
  const: z.string().optional(),
  pattern: z.string().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  exclusiveMaximum: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  get items() {
    return z.union([jsonSchema, z.literal(false)]).optional();
  },
  get prefixItems() {
    return z.array(jsonSchema).optional();
  },
  get properties() {
    return z.record(z.string(), jsonSchema).optional();
  },
  required: z.array(z.string()).optional(),
});
export type JsonSchema = z.output<typeof jsonSchema>;

export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  return jsonSchema.parse(z.toJSONSchema(schema, { io: 'input' }));
}

export type PatternContext = {
  readonly style: Style;
  /** Names that exist, for arguments that must be one of them. */
  readonly images: readonly string[];
};

/** More items than this are never needed, and each one is unrolled. */
const ITEMS_MAX = 16;
/** Longest string argument, in bytes, whatever the schema allows: a model in a loop must end. */
const STRING_BYTES_MAX = 2_000;
const FRACTION_DIGITS_MAX = 6;
const INTEGER_DIGITS_MAX = 15;
/** Values of a bounded number are told apart by their integer part, one branch each. */
const NUMBER_SPAN_MAX = 1_000;

const digit = bytes([0x30, 0x39]);

export function valuePattern(schema: JsonSchema, context: PatternContext): Pattern {
  const names = schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  if (names) return choice(...names.map((name) => literal(JSON.stringify(name))));
  switch (schema.type) {
    case 'string':
      return stringValue(schema, context);
    case 'number':
    case 'integer':
      return numberPattern(schema);
    case 'boolean':
      return choice(literal('true'), literal('false'));
    case 'array':
      return arrayPattern(schema, context);
    case 'object':
      return objectPattern(schema, context);
    default:
      throw new Error(
        `a tool argument has a schema that the grammar cannot express: ${JSON.stringify(schema)}`,
      );
  }
}

function stringValue(schema: JsonSchema, { images }: PatternContext): Pattern {
  if (schema.pattern?.startsWith('^image-'))
    return choice(...images.map((name) => literal(JSON.stringify(name))));
  if (schema.pattern !== undefined)
    throw new Error(`the grammar cannot express the string pattern ${schema.pattern}`);
  return stringPattern(schema.minLength ?? 0, schema.maxLength ?? STRING_BYTES_MAX);
}

/** A JSON string. With `min` ≥ 1 it starts with something other than white space, so that it survives trimming. */
export function stringPattern(min: number, max: number): Pattern {
  // No fewer bytes than UTF-16 units; one is kept back for a surrogate pair that begins on the bound.
  const bytesMax = Math.min(max, STRING_BYTES_MAX) - 1;
  const content =
    min === 0
      ? star(character)
      : sequence(visibleCharacter, repeat(character, min - 1, min - 1), star(character));
  return sequence(literal('"'), { kind: 'string', part: content, bytesMax }, literal('"'));
}

const tail = bytes([0x80, 0xbf]);
const hex = bytes([0x30, 0x39], [0x41, 0x46], [0x61, 0x66]);
/** `\uXXXX`, never half a surrogate pair. */
const unicodeEscape = choice(
  sequence(
    literal('\\u'),
    bytes([0x30, 0x39], [0x41, 0x43], [0x45, 0x46], [0x61, 0x63], [0x65, 0x66]),
    hex,
    hex,
    hex,
  ),
  sequence(literal('\\u'), bytes([0x44, 0x44], [0x64, 0x64]), bytes([0x30, 0x37]), hex, hex),
  sequence(
    sequence(
      literal('\\u'),
      bytes([0x44, 0x44], [0x64, 0x64]),
      bytes([0x38, 0x39], [0x41, 0x42], [0x61, 0x62]),
      hex,
      hex,
    ),
    sequence(literal('\\u'), bytes([0x44, 0x44], [0x64, 0x64]), bytes([0x43, 0x46], [0x63, 0x66]), hex, hex),
  ),
);
const longSequences = choice(
  sequence(bytes([0xf0, 0xf0]), bytes([0x90, 0xbf]), tail, tail),
  sequence(bytes([0xf1, 0xf3]), tail, tail, tail),
  sequence(bytes([0xf4, 0xf4]), bytes([0x80, 0x8f]), tail, tail),
);

/** One character inside a JSON string: ASCII but controls, quote and backslash; escapes; well-formed UTF-8. */
const character = choice(
  bytes([0x20, 0x21], [0x23, 0x5b], [0x5d, 0x7e]),
  sequence(literal('\\'), choice(...Array.from('"\\/bfnrt', literal))),
  unicodeEscape,
  sequence(bytes([0xc2, 0xdf]), tail),
  sequence(bytes([0xe0, 0xe0]), bytes([0xa0, 0xbf]), tail),
  sequence(bytes([0xe1, 0xec], [0xee, 0xef]), tail, tail),
  sequence(bytes([0xed, 0xed]), bytes([0x80, 0x9f]), tail),
  longSequences,
);

/** As `character`, without white space in the sense of String.prototype.trim. */
const visibleCharacter = choice(
  bytes([0x21, 0x21], [0x23, 0x5b], [0x5d, 0x7e]),
  sequence(literal('\\'), choice(literal('"'), literal('\\'), literal('/'))),
  sequence(bytes([0xc2, 0xc2]), bytes([0xa1, 0xbf])),
  sequence(bytes([0xc3, 0xdf]), tail),
  sequence(bytes([0xe0, 0xe0]), bytes([0xa0, 0xbf]), tail),
  // U+1680, U+2000..200A, 2028, 2029, 202F, 205F, 3000 and FEFF are left out.
  sequence(bytes([0xe1, 0xe1]), bytes([0x80, 0x99], [0x9b, 0xbf]), tail),
  sequence(bytes([0xe2, 0xe2]), bytes([0x80, 0x80]), bytes([0x8b, 0xa7], [0xaa, 0xae], [0xb0, 0xbf])),
  sequence(bytes([0xe2, 0xe2]), bytes([0x81, 0x81]), bytes([0x80, 0x9e], [0xa0, 0xbf])),
  sequence(bytes([0xe2, 0xe2]), bytes([0x82, 0xbf]), tail),
  sequence(bytes([0xe3, 0xe3]), bytes([0x81, 0xbf]), tail),
  sequence(bytes([0xe4, 0xec], [0xee, 0xee]), tail, tail),
  sequence(bytes([0xed, 0xed]), bytes([0x80, 0x9f]), tail),
  sequence(bytes([0xef, 0xef]), bytes([0x80, 0xba], [0xbc, 0xbf]), tail),
  longSequences,
);

function numberPattern(schema: JsonSchema): Pattern {
  const min = schema.exclusiveMinimum ?? schema.minimum;
  const max = schema.exclusiveMaximum ?? schema.maximum;
  const fraction = schema.type === 'integer' ? sequence() : optional(fractionOf(digit));
  const isBounded = min !== undefined && max !== undefined && max - min <= NUMBER_SPAN_MAX;
  if (!isBounded) {
    const whole = choice(
      literal('0'),
      sequence(bytes([0x31, 0x39]), repeat(digit, 0, INTEGER_DIGITS_MAX - 1)),
    );
    return sequence(min !== undefined && min >= 0 ? sequence() : optional(literal('-')), whole, fraction);
  }
  if (min < 0 || !Number.isInteger(min) || !Number.isInteger(max)) {
    throw new Error(`the grammar expresses bounds that are whole and not negative, not ${min}..${max}`);
  }
  const options: Pattern[] = [];
  for (let whole = min; whole < max; whole++) {
    const isExcluded = whole === schema.exclusiveMinimum;
    if (!isExcluded) options.push(sequence(literal(String(whole)), fraction));
    else if (schema.type === 'number') options.push(sequence(literal(String(whole)), nonZeroFraction));
  }
  if (schema.exclusiveMaximum === undefined) {
    const zeros = schema.type === 'integer' ? sequence() : optional(fractionOf(literal('0')));
    options.push(sequence(literal(String(max)), zeros));
  }
  return choice(...options);
}

function fractionOf(figure: Pattern): Pattern {
  return sequence(literal('.'), repeat(figure, 1, FRACTION_DIGITS_MAX));
}

const nonZeroFraction = sequence(
  literal('.'),
  repeat(literal('0'), 0, 2),
  bytes([0x31, 0x39]),
  repeat(digit, 0, FRACTION_DIGITS_MAX - 3),
);

/** A share of an image side, 0 to 1. */
const share = numberPattern({ type: 'number', minimum: 0, maximum: 1 });

function arrayPattern(schema: JsonSchema, context: PatternContext): Pattern {
  const comma = literal(context.style.comma);
  if (schema.prefixItems) {
    // Four numbers are a bounding box.
    const isBox =
      schema.prefixItems.length === 4 && schema.prefixItems.every((item) => item.type === 'number');
    const items = schema.prefixItems.map((item) => (isBox ? share : valuePattern(item, context)));
    return sequence(
      literal('['),
      ...items.flatMap((item, index) => (index === 0 ? [item] : [comma, item])),
      literal(']'),
    );
  }
  if (!schema.items) throw new Error('an array argument must say what its items are');
  const item = valuePattern(schema.items, context);
  const max = Math.min(schema.maxItems ?? ITEMS_MAX, ITEMS_MAX);
  const min = schema.minItems ?? 0;
  const some = sequence(item, repeat(sequence(comma, item), Math.max(min - 1, 0), max - 1));
  return sequence(literal('['), min === 0 ? optional(some) : some, literal(']'));
}

/** Keys in the order of the schema; those that are not required may be left out. */
export function objectPattern(schema: JsonSchema, context: PatternContext): Pattern {
  const { comma, colon } = context.style;
  const members = Object.entries(schema.properties ?? {}).map(([key, value]) => ({
    pattern: sequence(literal(JSON.stringify(key) + colon), valuePattern(value, context)),
    isRequired: schema.required?.includes(key) ?? false,
  }));
  const from = (index: number, isFirst: boolean): Pattern => {
    const member = members[index];
    if (!member) return sequence();
    const taken = sequence(isFirst ? sequence() : literal(comma), member.pattern, from(index + 1, false));
    return member.isRequired ? taken : choice(taken, from(index + 1, isFirst));
  };
  return sequence(literal('{'), from(0, true), literal('}'));
}
