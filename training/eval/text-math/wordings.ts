/**
 * How questions are put. `{name}` is filled from the item. The held-out wordings were written
 * without sight of the training programs' own; the development wordings are free to be tuned on.
 */
export type QuestionType =
  | 'sign-text'
  | 'platform'
  | 'phone'
  | 'closing-time'
  | 'shop-name'
  | 'date'
  | 'total'
  | 'price'
  | 'several'
  | 'difference'
  | 'tip'
  | 'split'
  | 'change'
  | 'discount'
  | 'per-unit'
  | 'cell'
  | 'column-sum'
  | 'maximum'
  | 'who'
  | 'solve'
  | 'evaluate';

/**
 * Wordings that the training programs of the shipped planner had too, most as one of the many forms of a template, as was
 * found after it was measured. The set keeps them, so that its figures stay comparable; newer suites leave them out.
 */
export const knownWordings: ReadonlySet<string> = new Set([
  'When is closing time on {day}?',
  'At what hour do they shut on {day}?',
  'Work out {unknown}.',
  'What must {unknown} be?',
  'Which value of {unknown} makes this true?',
  'What is the result of this exercise?',
  'Which words are written here?',
  'Under which number can I reach them?',
  'Give me their contact number.',
  'Which shop does this belong to?',
  'From what date is this?',
  'How much was paid altogether?',
  'What does the whole bill come to?',
  'How much would I pay for the {item}?',
  'What do they charge for {item}?',
  'How expensive is the {item}?',
  'What is the price gap between {item} and {other}?',
  'How far apart are the prices of {item} and {other}?',
  'What is the top value under {column}?',
]);

export type Wordings = Readonly<Record<QuestionType, readonly string[]>>;

// biome-ignore format: one line a type
export const heldoutWordings: Wordings = {
  'sign-text': ['Tell me the wording of this sign.', 'Which words are written here?', 'Could you read this out to me?', 'What is the message in the picture?', 'Please transcribe what you see written.'],
  platform: ['Where do I board for {place}? I need the platform.', 'My train goes to {place}; which platform do I head to?', 'Platform number for {place}, please?', 'From which platform does the {place} service go?', 'Could you find the platform for {place} on this board?'],
  phone: ['Under which number can I reach them?', 'I want to ring this place; what number do I dial?', 'Please read me the telephone number.', 'Which phone number is printed here?', 'Give me their contact number.'],
  'closing-time': ['Until when can I drop in on {day}?', 'On {day}, how late are they open?', 'At what hour do they shut on {day}?', 'When is closing time on {day}?', 'I plan to go on {day}; when do they close?'],
  'shop-name': ['Which business is this from?', 'Who issued this? Give the name of the shop.', 'By what name does this place go?', 'Name the shop in the picture.', 'Which shop does this belong to?'],
  date: ['Which day is printed on it?', 'What date does it carry?', 'Give me the date shown here.', 'From what date is this?', 'Please find the date.'],
  total: ['How much was paid altogether?', 'What does the whole bill come to?', 'What is the final sum on this bill?', 'How much do I owe in all?', 'Give me the amount at the bottom of the receipt.'],
  price: ['How much would I pay for the {item}?', 'What do they charge for {item}?', 'Tell me the price they list for {item}.', 'How expensive is the {item}?', 'What does one {item} go for?'],
  several: ['I would like one {item} and {count} of the {other}; what will that be?', 'What do a {item} plus {count} {other} come to?', 'Work out the cost of one {item} and {count} {other}.', 'If I order {count} {other} and a single {item}, how much is it?', 'How much for {count} times {other} together with one {item}?'],
  difference: ['By how much does {item} cost more than {other}?', 'What is the price gap between {item} and {other}?', 'How much would I save by taking {other} rather than {item}?', 'How far apart are the prices of {item} and {other}?', 'How much dearer is the {item} than the {other}?'],
  tip: ['I want to leave {percent}% on top of the total; how much is that tip?', 'What would a {percent}% gratuity on this bill be?', 'Compute {percent}% of the total as a tip.', 'If we tip {percent} percent, how much do we leave for the waiter?', 'How big is a tip of {percent}% here?'],
  split: ['We are {count} people and share the bill equally; what does each pay?', 'Divide this total evenly by {count}. How much per head?', 'How much is one share if {count} friends divide everything equally?', 'What is my part when {count} of us split the total?', 'Shared equally among {count}, how much is it for each?'],
  change: ['I hand over {paid}; how much do I get back?', 'How much money comes back if I pay with {paid}?', 'Paying this bill with {paid}, what change should I receive?', 'The customer gives {paid}. What is the change?', 'What is left over from {paid} once the total is paid?'],
  discount: ['With {percent}% off, what would the {item} cost?', 'The {item} is reduced by {percent}%. What is its new price?', 'I have a voucher for {percent} percent off; what do I pay for the {item}?', 'What is the {item} after a markdown of {percent}%?', 'How much is the {item} if they take {percent}% off?'],
  'per-unit': ['What was charged for a single {item}?', 'How much is each {item} by itself?', 'What does one piece of {item} come to?', 'Work out the price per piece for {item}.', 'At what price does {item} sell per piece?'],
  cell: ['Which number stands for {row} under {column}?', "What is {row}'s figure for {column}?", 'Under {column}, which entry belongs to {row}?', 'In the {column} column, what does {row} have?', 'How many does {row} have in {column}?'],
  'column-sum': ['Please tally the whole {column} column.', 'What do the figures under {column} sum to?', 'Taken together, how many are there in {column}?', 'What is the total for {column} over everybody?', 'Give the sum of all {column} entries.'],
  maximum: ['What is the top value under {column}?', 'Which is the largest figure in the {column} column?', 'How high does {column} go at most?', 'Give me the biggest number for {column}.', 'What is the peak value in {column}?'],
  who: ['Who is ahead of everyone in {column}?', 'Whose figure for {column} is the largest?', 'Which person has the most under {column}?', 'Who comes first for {column}?', 'Name the person with the top {column} value.'],
  solve: ['Work out {unknown}.', 'Which value of {unknown} makes this true?', 'Find the unknown {unknown} in the picture.', 'Please solve this for {unknown}.', 'What must {unknown} be?'],
  evaluate: ['What does this sum come to?', 'Compute the value of what is written.', 'What is the result of this exercise?', 'Please work this out for me.', 'How much is this expression?'],
};

// biome-ignore format: one line a type
export const devWordings: Wordings = {
  'sign-text': ['What does this say?', 'Read the text.'],
  platform: ['Which platform for {place}?', 'What platform does the train to {place} leave from?'],
  phone: ['What is the phone number?', 'Which number should I call?'],
  'closing-time': ['When does it close on {day}?', 'What time do they close on {day}?'],
  'shop-name': ['What is the name of the shop?', 'Which shop is this?'],
  date: ['What is the date?', 'Which date is on it?'],
  total: ['What is the total?', 'How much is the bill?'],
  price: ['How much is the {item}?', 'What does {item} cost?'],
  several: ['How much are one {item} and {count} {other}?', 'What do I pay for a {item} and {count} {other}?'],
  difference: ['How much more is {item} than {other}?', 'What is the difference between {item} and {other}?'],
  tip: ['How much is a {percent}% tip?', 'What is a tip of {percent} percent?'],
  split: ['Split the total among {count} people.', 'How much does each of {count} people pay?'],
  change: ['How much change do I get from {paid}?', 'I pay with {paid}. What is my change?'],
  discount: ['What is the {item} with {percent}% off?', 'How much is the {item} at a {percent}% discount?'],
  'per-unit': ['How much is one {item}?', 'What is the price of a single {item}?'],
  cell: ['What is the {column} value of {row}?', 'How much does {row} have in {column}?'],
  'column-sum': ['What is the sum of {column}?', 'What is the total of the {column} column?'],
  maximum: ['What is the highest {column} value?', 'What is the maximum of {column}?'],
  who: ['Who has the highest {column}?', 'Who has the most {column}?'],
  solve: ['What is {unknown}?', 'Solve for {unknown}.'],
  evaluate: ['What is the result?', 'Calculate this.'],
};

/** `{name}` replaced by its value; a name without a value is a mistake in the tables above. */
export function fill(wording: string, values: Readonly<Record<string, string>>): string {
  return wording.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined)
      throw new RangeError(`the wording ${JSON.stringify(wording)} asks for {${name}}, which its item lacks`);
    return value;
  });
}
