/** How people ask what needs no look at the picture: how many images they sent, and sums of their own numbers. */
import { templates } from './ways.ts';

// biome-ignore format: wordings, many a line
export const plainWordings = templates({
  images: {
    asked: ['How many [images|pictures|photos|files|shots] did I [send|attach|give you|upload|share|post|hand over|add]?', 'How many [images|pictures|photos] are there [in this request|in this message|here in total|attached|uploaded|]?', 'Count the [pictures|images|photos] that I [sent|uploaded|attached|gave you|shared].', 'How many [images|pictures|photos] [do you have|have you got|did you get|did you receive|have you received|were sent|came through|arrived|were uploaded]?', '[Number|Count] of [images|pictures|photos|attachments|uploads]?', 'How many [attachments|uploads] [are there|did you get|did I send]?', '[Image|Picture|Photo] count?', 'Did all my [pictures|photos|images] arrive? How many [are there|do you have]?', 'With how many [pictures|images|photos] [did I send this|does this message come]?', 'I sent you some [pictures|images|photos]. How many?', 'How many [pictures|images|photos] [can you open|did reach you|are you looking at|are we talking about]?'],
    things: ['the number of [images|pictures|photos|attachments] [that I sent|in this message|you received|uploaded|]'],
    clauses: ['how many [images|pictures|photos] [I sent|you got|you received|are attached|I uploaded|there are]'],
  },
  sum: {
    asked: ['What is {a} plus {b}?', 'How much is {a} [+|plus|and] {b}?', 'Add {a} and {b}.', '{a} + {b}?', '{a} plus {b}?', 'What [do|does] {a} and {b} [make|add up to|come to|total|give]?', '[Sum|Add up|Total|Add together] {a} and {b}.', 'Add {b} to {a}.', '{a} and {b} together?', 'If I have {a} and [get|add|find|buy] {b} more, how many do I have?', 'Never mind the picture: what is {a} + {b}?', 'What do I get if I add {b} to {a}?'],
    things: ['the sum of {a} and {b}', '{a} plus {b}', 'the [total|result] of {a} + {b}'],
    clauses: ['how much {a} and {b} [are|make|is together]', 'what {a} plus {b} is', 'what {a} and {b} add up to'],
  },
  times: {
    asked: ['What is {a} times {b}?', 'How much is {a} [*|x|times] {b}?', 'Multiply {a} by {b}.', '{a} [*|times|x] {b}?', 'What do I get if I multiply {a} by {b}?', '{a} multiplied by {b}?', 'What is {a} multiplied by {b}?', 'What is {b} times {a}?', 'There are {b} boxes of {a} [pieces|nails|screws|pens]. How many [is that|in total|altogether]?', 'Never mind the picture: what is {a} * {b}?', 'How much are {b} [things|tickets|books] at {a} each?'],
    things: ['the product of {a} and {b}', '{a} times {b}', 'the result of {a} * {b}'],
    clauses: ['what {a} times {b} is', 'how much {a} times {b} [is|makes]', 'what you get if you multiply {a} by {b}'],
  },
  share: {
    asked: ['What is {b}% of {a}?', 'How much is {b} [percent|per cent] of {a}?', '{b}% of {a}?', '{b} [percent|per cent] of {a}?', '[Take|Work out|Calculate|Compute] {b}% of {a}.', 'Of {a}, how much is {b}%?', 'What do {b} percent of {a} [make|come to|amount to]?', 'If I [pay|get|save] {b}% of {a}, how much is that?', 'Never mind the picture: what is {b}% of {a}?', 'How many are {b} percent of {a}?'],
    things: ['{b}% of {a}', '{b} percent of {a}'],
    clauses: ['how much {b}% of {a} is', 'what {b} percent of {a} is', 'what {b}% of {a} comes to'],
  },
});
