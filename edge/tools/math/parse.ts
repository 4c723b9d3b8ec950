/**
 * The parser of mathjs with our own nodes: plain records, without any of its evaluators. Nothing else
 * of mathjs gets into the bundle, so nothing that an expression says can reach it.
 */
import { createParse } from 'mathjs/number';
import { EXPRESSION_NODES_MAX } from '#shared/limits';
import { MathFailure } from './failure.ts';

declare module 'mathjs/number' {
  /** mathjs exports its parser as a factory too, and does not declare it. */
  function createParse(dependencies: Readonly<Record<string, unknown>>): (text: string) => ExpressionNode;
}

/** The mark by which the parser tells nodes from other values; it looks for it on the prototype. */
class Node {
  get isNode(): true {
    return true;
  }
}

class NumberNode extends Node {
  readonly type = 'number';
  readonly isConstantNode = true;
  /** As written, for exact arithmetic; always a decimal literal. */
  readonly text: string;
  readonly value: number;
  constructor(text: unknown) {
    super();
    if (typeof text !== 'string') throw unsupported();
    this.text = text;
    this.value = Number(text);
  }
}

class SymbolNode extends Node {
  readonly type = 'symbol';
  readonly isSymbolNode = true;
  readonly name: string;
  constructor(name: string) {
    super();
    this.name = name;
  }
}

export type OperatorName =
  | 'add'
  | 'subtract'
  | 'multiply'
  | 'divide'
  | 'pow'
  | 'unaryMinus'
  | 'unaryPlus'
  | 'factorial'
  | 'mod'
  | 'floorDivide'
  | 'percent';

/** The parser's operators that are ours; all others are refused. */
const operatorNames: ReadonlyMap<string, OperatorName> = new Map([
  ['add', 'add'],
  ['subtract', 'subtract'],
  ['multiply', 'multiply'],
  ['divide', 'divide'],
  ['pow', 'pow'],
  ['unaryMinus', 'unaryMinus'],
  ['unaryPlus', 'unaryPlus'],
  ['factorial', 'factorial'],
  ['mod', 'mod'],
  ['dotDivide', 'floorDivide'],
  ['ctranspose', 'percent'],
]);

export class OperatorNode extends Node {
  readonly type = 'operator';
  readonly isOperatorNode = true;
  readonly op: string;
  readonly operator: OperatorName;
  readonly args: readonly ExpressionNode[];
  constructor(op: string, fn: string, args: readonly ExpressionNode[]) {
    super();
    const operator = operatorNames.get(fn);
    if (operator === undefined) throw unsupported();
    this.op = op;
    this.operator = operator;
    this.args = args;
  }
}

export class CallNode extends Node {
  readonly type = 'call';
  readonly isFunctionNode = true;
  readonly name: string;
  readonly args: readonly ExpressionNode[];
  constructor(callee: ExpressionNode, args: readonly ExpressionNode[]) {
    super();
    if (callee.type !== 'symbol') throw unsupported();
    this.name = callee.name;
    this.args = args;
  }
}

class GroupNode extends Node {
  readonly type = 'group';
  readonly content: ExpressionNode;
  constructor(content: ExpressionNode) {
    super();
    this.content = content;
  }
}

class ListNode extends Node {
  readonly type = 'list';
  readonly items: readonly ExpressionNode[];
  constructor(items: readonly ExpressionNode[]) {
    super();
    this.items = items;
  }
}

class RefusedNode extends Node {
  constructor() {
    super();
    throw unsupported();
  }
}

export type ExpressionNode = NumberNode | SymbolNode | OperatorNode | CallNode | GroupNode | ListNode;

const parse = createParse({
  // Stands in for the run-time dispatcher: the parser is only ever given a string.
  typed: Object.assign((_name: string, forms: { string: (text: string) => unknown }) => forms.string, {
    addConversion: () => {},
  }),
  numeric: (text: string) => text,
  config: { number: 'number' },
  ConstantNode: NumberNode,
  SymbolNode,
  OperatorNode,
  FunctionNode: CallNode,
  ParenthesisNode: GroupNode,
  ArrayNode: ListNode,
  AccessorNode: RefusedNode,
  AssignmentNode: RefusedNode,
  BlockNode: RefusedNode,
  ConditionalNode: RefusedNode,
  FunctionAssignmentNode: RefusedNode,
  IndexNode: RefusedNode,
  ObjectNode: RefusedNode,
  RangeNode: RefusedNode,
  RelationalNode: RefusedNode,
});

/**
 * @param text normalised (see normalise.ts), so that its length and nesting are bounded.
 * @throws MathFailure syntax, too_deep
 */
export function parseExpression(text: string): ExpressionNode {
  let node: ExpressionNode;
  try {
    node = parse(text);
  } catch (error) {
    if (error instanceof MathFailure) throw error;
    throw unsupported();
  }
  const count = countNodes(node);
  if (count > EXPRESSION_NODES_MAX) {
    throw new MathFailure(
      'too_deep',
      `expected at most ${EXPRESSION_NODES_MAX} numbers and operators; came ${count}: compute it in parts`,
    );
  }
  return node;
}

export function childrenOf(node: ExpressionNode): readonly ExpressionNode[] {
  switch (node.type) {
    case 'number':
    case 'symbol':
      return [];
    case 'group':
      return [node.content];
    case 'list':
      return node.items;
    case 'operator':
    case 'call':
      return node.args;
  }
}

function countNodes(root: ExpressionNode): number {
  const open: ExpressionNode[] = [root];
  let count = 0;
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    count += 1;
    open.push(...childrenOf(node));
  }
  return count;
}

function unsupported(): MathFailure {
  return new MathFailure(
    'syntax',
    'expected plain arithmetic: numbers, + - * / ^ % //, brackets and functions; came another construct: write it plainly',
  );
}
