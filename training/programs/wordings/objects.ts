/** How people ask what is there and how many. */
import { templates } from './ways.ts';

// biome-ignore format: wordings, many a line
export const objectWordings = templates({
  count: {
    asked: [
      'How many {xs} are there?', 'How many {xs} [can you see|do you see|are in the picture|does it show|can be seen]?', 'Count the {xs}.', 'Can you count the {xs}?', 'How many {xs}?',
      'How many {xs} [are visible|are shown|show up|appear|are depicted|are drawn|are present] [here|in this image|in the photo|in the scene|]?', 'How many {xs} [does this picture have|does the photo contain|are on this image|are in view]?',
      '[Count|Tally|Count up|Number] [all|all the|every one of the|the] {xs} [in the image|in this photo|here|you see|that you can find|in this shot|].', '{x} count[?|:|]', '{xs}: how many?', '[Number|Count|Quantity|Tally] of {xs}[?|:|]', 'Of {xs}, how many [are there|do you find|do you count]?',
      'How many times [does {ax} appear|is {ax} shown|do you see {ax}]?', 'How many [different|single|individual] {xs} [are there|can you spot|can you make out|do you notice]?', 'What number of {xs} [is shown|can be seen|do you see|is in the shot]?', 'How many of the things [here|in the picture|shown] are {xs}?', 'I see some {xs}. How many are there?', 'Exactly how many {xs} [are here|are there|does the photo show]?', 'How many {xs} [did you find|are you able to find|could you detect]?', 'Give a count of the {xs}.', 'Are there many {xs}? How many?', 'With how many {xs} [is the picture filled|am I dealing]?',
    ],
    things: ['the number of {xs} [in the picture|in this image|here|shown|]', 'the count of {xs}', 'the amount of {xs} [in the photo|here|]', 'the quantity of {xs} [in this scene|]'],
    clauses: ['how many {xs} there are', 'how many {xs} [the picture shows|the photo has|are in the image|you can see]', 'what number of {xs} [is here|is shown]'],
  },
  countTwo: {
    asked: [
      'How many {xs} and {ys} are there [together|in all|altogether]?', 'Count the {xs} and the {ys} together.', 'How many {xs} and {ys} [in total|all told|combined|overall|taken together]?', '[Add|Add up] the {xs} and the {ys}. How many [is that|are there|do you get]?', 'If you [count|take|add] the {xs} and the {ys}, how many [is that|are there in all|do you get]?', '{xs} plus {ys}: how many?', '{xs} and {ys} [combined|together|in total|altogether]?', 'How many things are [either {xs} or {ys}|{xs} or {ys}]?', 'Counting both {xs} and {ys}, how many [are there|do you see|do you find]?', '[Put|Taking] the {xs} and the {ys} together[: how many are there|, how many is that]?', 'How many [objects|items] do the {xs} and the {ys} make [together|in total|]?', 'Tally the {xs} and {ys} [as one number|as one group|jointly].', 'What do the numbers of {xs} and {ys} add up to?', '[Sum|Total] of {xs} and {ys}[?|:|]', 'How many {xs} and {ys} does the [picture|photo|image|scene] [show|have|contain] in [all|total]?', 'Count {xs} as well as {ys}. What is the total?',
    ],
    things: ['the total number of {xs} and {ys}', 'the [combined|joint|overall] [count|number] of {xs} and {ys}', 'the sum of the {xs} and the {ys}', 'the number of {xs} and {ys} [together|put together|taken together]'],
    clauses: ['how many {xs} and {ys} there are [in total|altogether|together|in all]', 'how many the {xs} and the {ys} are together', 'what the {xs} and {ys} add up to'],
  },
  more: {
    asked: [
      'How many more {xs} than {ys} are there?', 'By how many do the {xs} outnumber the {ys}?', 'How many more {xs} [do you see|does it show|can you count|are shown] than {ys}?', 'There are more {xs} than {ys}. [How many more|By how many|What is the difference]?', 'How many fewer {ys} than {xs} are there?', 'How many [extra|additional|surplus] {xs} are there [compared with|compared to|over] the {ys}?', 'Take the {ys} away from the {xs}: how many are left?', '{xs} minus {ys}[?|: how many|]', 'By what number [are there more {xs} than {ys}|do {xs} exceed {ys}|do the {xs} beat the {ys}]?', 'If every [one of the {ys}|{y}] [is paired|goes] with [one {x}|{ax}], how many {xs} are left over?', 'How large is the [lead|surplus] of {xs} over {ys}?', '[Compare|Count] the {xs} and the {ys}. How many more {xs} are there?', 'How many {ys} are missing to have as many as there are {xs}?', 'What is left when the number of {ys} is [subtracted|taken away] from that of the {xs}?',
    ],
    things: ['the difference between the number of {xs} and the number of {ys}', 'the number of {xs} minus the number of {ys}', 'the [surplus|excess] of {xs} over {ys}'],
    clauses: ['how many more {xs} than {ys} there are', 'by how many the {xs} outnumber the {ys}', 'how many fewer {ys} than {xs} there are'],
  },
  exists: {
    asked: [
      'Is there {ax}?', 'Is there {ax} in the picture?', 'Does the [picture|photo|image|scene|shot] [show|contain|include|have|feature] {ax}?', 'Can you see {ax} [here|anywhere|in it|]?', 'Do you find {ax} here?', 'Do you [see|spot|notice|recognise|detect] {ax} [anywhere|in this image|in here|]?', 'Is {ax} [shown|visible|depicted|present|to be seen|part of the scene|in view|in the shot] [here|in the photo|in this picture|]?', 'Any {xs} [here|in the picture|in this photo|in sight|to be seen|]?', 'Are there any {xs} [here|in this image|in the picture|at all|to be seen|]?', '[Look for|Search for|Check for|Try to find|Find] {ax}. Is [there one|it there|one in the picture]?', '{x}: [yes or no|present or not|is there one|there or not]?', 'Has [this image|the photo|the picture] got {ax} [in it|]?', 'Is {ax} among the [things|objects|items] [shown|here|in the photo]?', 'Did you find {ax}?', 'I am looking for {ax}. Is [there one|it here|one shown]?', 'Is one of [these|the] [things|objects] {ax}?', 'Anywhere [here|in the photo], is there {ax}?', 'Would I find {ax} [here|in this picture]?', 'Does {ax} appear [anywhere|in the image|here|]?', 'Could there be {ax} [in this picture|here]?',
    ],
    facts: ['there is {ax} in the [picture|photo|image|scene|shot]', 'there is {ax} [here|]', 'the [picture|photo|image] [shows|contains|has|includes] {ax}', '{ax} is [shown|visible|in the picture|there|to be seen]', 'you can see {ax}'],
  },
  list: {
    asked: [
      'What is in the picture?', 'What [can|do] you see?', 'Which things are shown?', 'Name the objects.', 'What does the picture show?', 'List what is to be seen.', 'What [objects|things|items] [are there|are here|can be seen|are visible|do you see|do you recognise|are in this image|make up the scene]?', '[List|Name|Enumerate|Identify|Tell me|Give|Write down|Spell out] [all the objects|the objects|all things|everything|the items|every object|the things] [in the picture|in this photo|you see|that you can see|here|shown|in the image].', 'What [all|else|exactly|] is [there|shown|visible|depicted|on the photo|in this image|on display] [here|]?', 'What am I looking at?', '[Objects|Things|Contents|Items] [in the picture|in this image|shown|here]?', 'Tell me what [you see|is here|is in it|it shows|the image contains|can be found here].', 'What [does|do] [this image|the photo|it] [contain|show|depict|consist of]?', 'Which [objects|items|things] [appear|do you find|can you detect|can be made out|are present] [in it|here|in the shot|]?', 'Make a list of [what you see|the objects|everything in it|the contents].', '[Inventory|Describe|Catalogue] [the objects|the contents|what is in the picture|the things shown], [please|as a list].', 'Can you name [everything|all the things|what is] [in the picture|here|on it]?', 'I cannot see well. What [is in the picture|is there|does it show]?', 'What do we have here?', 'Say what is in [this|the] [image|photo|picture].',
    ],
    things: ['a list of [the objects|everything|all things|the items] [in the picture|in this photo|here]', 'the list of the [objects|things|items] [shown|here|in the image]', 'everything [that is shown|in the photo|you can see|visible]'],
    clauses: ['what is [in the picture|in this photo|shown|there]', 'which [things|objects|items] [are there|are shown|it contains]', 'what [you see|you can see|the picture shows|the image is made up of]'],
  },
});
