import { expect, test } from 'vitest';
import { coloursOf } from './colours';

test('colours that have a look, the commonest first', () => {
  expect(coloursOf({ blue: 2, red: 9, mauve: 40, green: 2 }).map((c) => c.name)).toEqual(['red', 'blue', 'green']);
  expect(coloursOf(undefined)).toEqual([]);
});
