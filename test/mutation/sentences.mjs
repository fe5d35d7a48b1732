/** Errors that tell of a defect: who catches them goes by their class. */
const DEFECTS = new Set(['AmountOutOfRange', 'LedgerInconsistent', 'NotCanonical', 'RangeError', 'UndeclaredNeed']);

const isName = (node, names) => node.type === 'Identifier' && names.has(node.name);

/**
 * Leaves out the sentences for humans: the third argument of `refuse`, what a defect says, and the names of error classes.
 * Codes and params of refusals stay.
 */
const sentences = {
  shouldIgnore: ({ node, parent, key, listKey }) => {
    if (parent === null || parent === undefined) return undefined;
    const isSentence =
      (parent.type === 'NewExpression' && listKey === 'arguments' && isName(parent.callee, DEFECTS)) ||
      (parent.type === 'CallExpression' &&
        listKey === 'arguments' &&
        key === 2 &&
        isName(parent.callee, new Set(['refuse']))) ||
      (parent.type === 'ClassProperty' && key === 'value' && parent.key.name === 'name');
    return isSentence && (node.type === 'StringLiteral' || node.type === 'TemplateLiteral')
      ? 'a sentence for humans'
      : undefined;
  },
};

export const strykerPlugins = [{ kind: 'Ignore', name: 'sentences', value: sentences }];
