/**
 * How one kind of question may be put. The planner knows no English but these wordings, so they are wide: whole
 * questions as they stand, and parts that are put into every frame of their kind.
 */
export type Ways = {
  /** Whole questions, commands and keywords. */
  readonly asked: readonly string[];
  /** What is wanted, as a noun: `the number of {xs}`. */
  readonly things?: readonly string[];
  /** What is wanted, as an indirect question: `how many {xs} there are`. */
  readonly clauses?: readonly string[];
  /** What is to be confirmed or denied: `there is {ax} in the picture`. */
  readonly facts?: readonly string[];
};

const TELL =
  '[Tell me|Say|Work out|Find out|Let me know|Determine|Establish|Check|Figure out|Please tell me|Just tell me|Show me|Explain to me|See|Look and tell me]';
const WONDER =
  "[I would like to know|I want to know|I need to know|I wonder|I am curious|I have to know|My question is|We want to know|I am trying to find out|It would help to know|I cannot see|I can't make out|Somebody asks me|My friend wants to know]";
const CAN =
  '[Can you tell me|Could you tell me|Can you say|Could you say|Would you tell me|Do you know|Can you work out|Could you find out|Are you able to say|Can you make out|Will you check|Would you check|Can anyone say|May I ask|Any idea]';
const GIVE =
  '[Give me|Tell me|State|Find|Get me|Report|Name|Identify|Provide|Determine|Work out|Return|Show me|Let me have|Please give|I need|I want|I would like|I am looking for|I have to know|Let me know]';

/** Where one part goes; choices do not nest, so parts and frames keep their own. */
const frames = {
  things: [
    `What is {part}?`,
    `${GIVE} {part}.`,
    '[Can you give me|Could you give me|Can you tell me|Do you know|Could you find|Would you name|May I have|Can you see|Can you work out] {part}?',
    '{part}[?|, please.|:|]',
  ],
  clauses: [`${TELL} {part}.`, `${WONDER} {part}.`, `${CAN} {part}?`],
  facts: [
    '[Check|Tell me|Find out|Verify|See|Say|Look|Determine|Let me know|I want to know|I wonder|I would like to know|I need to know] [whether|if] {part}.',
    '[Can you tell|Can you see|Could you check|Do you know|Can you say|Would you check|Could you tell me] [whether|if] {part}?',
    '[Is it true|Is it correct|Is it the case|Is it so|Can you confirm|Would you say|Do you agree|Do you think] that {part}?',
    '{part}[, is that so|, is that true|, is that correct|, correct|, yes or no|, true|, or not|]?',
    'Yes or no: {part}[?|.]',
  ],
} as const;

/** Every template of one kind of question. */
export function templatesOf(ways: Ways): string[] {
  const framed = (['things', 'clauses', 'facts'] as const).flatMap((kind) =>
    (ways[kind] ?? []).flatMap((part) => frames[kind].map((frame) => frame.replace('{part}', () => part))),
  );
  return [...ways.asked, ...framed];
}

/** The templates of a table of kinds. */
export function templates<Key extends string>(table: Readonly<Record<Key, Ways>>): Record<Key, string[]> {
  const rows = Object.entries<Ways>(table).map(([key, ways]) => [key, templatesOf(ways)] as const);
  return Object.fromEntries(rows) as Record<Key, string[]>;
}
