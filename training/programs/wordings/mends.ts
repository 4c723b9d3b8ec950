/** How people ask for what a bill comes to, and for twice that. Counting and finding are asked as of objects. */
import { templates } from './ways.ts';

// biome-ignore format: wordings, many a line
export const mendWordings = templates({
  double: {
    asked: ['What is [twice|two times|double|2 times] the [total|sum|bill|amount|final amount]?', 'What would two of these [bills|receipts|orders|purchases|meals] [come to|cost|make]?', 'Double the [total|bill|sum|amount], please.', 'If I [buy|order|pay for] [all of this|all this|the same] twice, [how much is it|what do I pay|what does it cost]?', 'How much [is|would be] [twice|double|two times] the [total|bill|sum|amount]?', '[Twice|Double] the total?', 'Total times two?', 'How much for two [such|of these|of the same] [orders|bills|purchases|receipts]?', '[Multiply|Take] the [total|bill|sum] [by two|times two|twice].', 'What do I pay if I [order|buy] the same [again|once more], for both together?', 'I come here twice and pay the same. How much in all?', 'What [comes out|do you get] if you double the [total|bill|sum]?', 'The [bill|total] doubled is how much?', 'How much [would|do] two people pay if each has this same bill?'],
    things: ['[twice|double|two times] the [total|sum|bill]', 'the [total|sum] [times two|doubled|multiplied by two]'],
    clauses: ['what [twice|double] the [total|bill|sum] is', 'how much two of these [bills|receipts|orders] [are|cost|come to]', 'what I pay for the same [order|purchase] twice'],
  },
  first: {
    asked: ['What is the [total|sum total|grand total|final amount|amount due|total amount|overall sum]?', 'How much is it in [all|total]?', 'What does the [bill|receipt|check|slip|invoice|order] come to?', 'How much [did I pay|was paid|do I owe|must be paid|was spent|is due|is the bill]?', '[Total|Sum|Grand total|Amount due]?', 'What [did|does] [everything|all this|the whole thing|it all] cost [together|in total|]?', 'How much [money|] [was spent|did this cost|is to be paid] [altogether|in all|overall]?', 'Read the [total|final amount|sum] [off the receipt|from the bill|on the slip|].', 'What [amount|sum] [is due|was paid|has to be paid|stands at the end]?', 'What [is|was] the [bill|charge|total cost|total price|overall price]?', 'How much does everything on the [receipt|bill|slip] cost?', 'What was the whole [purchase|order|meal]?', 'What did they charge [in total|altogether]?'],
    things: ['the [total|final amount|sum|amount due|total cost|overall amount|grand total] [of this receipt|of the bill|on this slip|]'],
    clauses: ['what the [total|bill|final amount|sum] is', 'how much [it is in all|was paid|I owe|everything costs]', 'what the [bill|receipt|order] comes to'],
  },
});
