/** What people say around a question, and how they shorten it; beside what `asTyped` does to every question. */
import type { Random } from '../../random.ts';

const before = [
  'Please, ',
  'Hey, ',
  'Hello! ',
  'Hi there, ',
  'Quick one: ',
  'Quick check: ',
  'Just curious: ',
  'Help me here: ',
  'Looking at this, ',
  'Looking at the picture, ',
  'About this one: ',
  'From what you see, ',
  'As far as you can see: ',
  'If you look closely: ',
  'With your tools: ',
  'For my homework: ',
  'For a friend: ',
  'My kid asks: ',
  'Now, ',
  'Well, ',
  'Okay, ',
  'Right, ',
  'Then: ',
  'One more thing: ',
  'Another question: ',
  'Tell me honestly: ',
  'Be so kind: ',
  'Here goes: ',
  'Task: ',
  'Q: ',
  'Question for you: ',
  'I uploaded something. ',
  'I send you this. ',
  'Have a good look. ',
  'Use your eyes: ',
  'Without guessing: ',
  'Think first: ',
];

const after = [
  ' Thanks a lot.',
  ' Thanks in advance.',
  ' Cheers.',
  ' Be brief.',
  ' Brief answer.',
  ' Only the answer.',
  ' No explanation needed.',
  ' Nothing else.',
  ' That is all I need.',
  ' Answer shortly.',
  ' Reply with the answer alone.',
  ' I need it quickly.',
  ' It is urgent.',
  ' Take your time.',
  ' Please check carefully.',
  ' Please look twice.',
  ' Do not guess.',
  ' What do you think?',
  ' Can you say?',
  ' Let me know.',
  ' I am not sure.',
  ' My eyes are bad.',
  ' pls',
  ' please',
  ' thank you so much',
  ' :)',
];

const short: readonly (readonly [RegExp, string])[] = [
  [/\bWhat is\b/, "What's"],
  [/\bWhat is\b/, 'Whats'],
  [/\bWho is\b/, "Who's"],
  [/\bWhere is\b/, "Where's"],
  [/\bI would like\b/, "I'd like"],
  [/\bI want to\b/, 'I wanna'],
  [/\bI am\b/, "I'm"],
  [/\bTell me\b/, 'Pls tell me'],
  [/\bpicture\b/, 'pic'],
  [/\bphoto\b/, 'snapshot'],
  [/\bimage\b(?!-)/, 'img'],
  [/\bpicture\b/, 'photograph'],
  [/\bimage\b(?!-)/, 'frame'],
  [/\bpicture\b/, 'drawing'],
];

const BEFORE = 0.07;
const AFTER = 0.07;
const SHORT = 0.2;

/** `question` starts with a capital or a name, whose letters stay. */
export function spoken(question: string, random: Random): string {
  let said = question;
  if (random.chance(SHORT)) {
    const [pattern, text] = random.pick(short);
    said = said.replace(pattern, text);
  }
  if (random.chance(BEFORE)) said = random.pick(before) + said;
  if (random.chance(AFTER)) said += random.pick(after);
  return said;
}
