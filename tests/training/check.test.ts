import { describe, expect, test } from 'vitest';
import { isRight, numbersIn, ocrHasFacts } from '#training/eval/check';
import type { Item, Truth } from '#training/eval/suite';

describe('numbers of a text', () => {
  test.each([
    ['$1,234.50', [1234.5]],
    ['4,50 €', [4.5]],
    ['1.234,50', [1234.5]],
    ['1,234', [1234]],
    ['12.05', [12.05]],
    ['x = -7', [-7]],
    ['−3', [-3]],
    ['9-17', [9, 17]],
    ['1 200 people', [1200]],
    ['two', []],
  ])('%s', (text, numbers) => {
    expect(numbersIn(text)).toEqual(numbers);
  });
});

const number = (value: number): Truth => ({ type: 'number', value });
const text = (...values: [string, ...string[]]): Truth => ({ type: 'text', values });
const nothing: Truth = { type: 'nothing' };

describe('right and wrong answers', () => {
  test.each<[string, Truth, string, boolean]>([
    ['$12.70', number(12.7), 'How much?', true],
    ['12.71', number(12.7), 'How much?', true],
    ['12.72', number(12.7), 'How much?', false],
    ['The total is 12.70 euros.', number(12.7), 'How much?', true],
    ['2 of them cost 12.70', number(12.7), 'How much are 2?', true],
    ['2 of them cost 12.70', number(12.7), 'How much are they?', false],
    ['It is 12.70 or 13.70', number(12.7), 'How much?', false],
    ['20', number(20), 'What is left of 20?', true],
    ['twelve', number(12), 'How much?', false],
    ['49 + 26 × 2 = 101', number(101), 'How much is it?', true],
    ['101 = 49 + 26 × 2', number(101), 'How much is it?', false],
    ['', number(0), 'How much?', false],
    ['Platform 7', text('7'), 'Which platform?', true],
    ['7', text('7'), 'Which platform?', true],
    ['17', text('7'), 'Which platform?', false],
    ['7 or 8', text('7'), 'Which platform?', false],
    ['platform 4b', text('4B'), 'Which platform?', true],
    ['finch&thimble', text('Finch & Thimble'), 'Which shop?', true],
    ['Finch', text('Finch & Thimble'), 'Which shop?', false],
    [`Finch & Thimble ${'and more '.repeat(10)}`, text('Finch & Thimble'), 'Which shop?', false],
    ['It closes at 8:45 PM.', text('20:45', '8:45 pm'), 'When?', true],
    ['9:00 - 20:45', text('20:45', '8:45 pm'), 'When?', false],
    ['Call 05465636898', { type: 'digits', value: '05465 636898' }, 'Number?', true],
    ['0546563689', { type: 'digits', value: '05465 636898' }, 'Number?', false],
    ['There is no text in the image.', nothing, 'What is the total?', true],
    ["I can't read anything in this picture", nothing, 'What is the total?', true],
    ['Nothing to read', nothing, 'What is the total?', true],
    ['There is no text, but I guess 5', nothing, 'What is the total?', false],
    ['Mind the step', nothing, 'What does it say?', false],
    ['left', { type: 'choice', value: 'left', others: ['right'] }, 'Left or right?', true],
    ['It is on the left.', { type: 'choice', value: 'left', others: ['right'] }, 'Left or right?', true],
    ['left or right', { type: 'choice', value: 'left', others: ['right'] }, 'Left or right?', false],
    ['No', { type: 'choice', value: 'yes', others: ['no'] }, 'Is there one?', false],
    ['I cannot tell from the picture.', { type: 'unknown' }, 'Who is it?', true],
    ['That is not shown.', { type: 'unknown' }, 'Who is it?', true],
    ['It is Anna.', { type: 'unknown' }, 'Who is it?', false],
  ])('%j for %j', (answer, truth, question, right) => {
    expect(isRight(answer, truth, question)).toBe(right);
  });
});

describe('whose error it was', () => {
  const item = (needed: Item['needed'], truth: Truth = number(1)) => ({ truth, needed });

  test('facts may lose spaces, case and currency signs, but must share a row', () => {
    const price = item([['Oat cortado', '4,50']]);
    expect(ocrHasFacts(price, 'Shop\nOATCORTADO €4,50')).toBe(true);
    expect(ocrHasFacts(price, 'Oat cortado\n4,50')).toBe(false);
    expect(ocrHasFacts(price, 'Oat cortado 450')).toBe(false);
  });

  test('a blank picture was read right where nothing was read', () => {
    expect(ocrHasFacts(item([], nothing), '')).toBe(true);
    expect(ocrHasFacts(item([], nothing), '3')).toBe(false);
  });
});
