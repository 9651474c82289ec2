import { expect, it } from 'vitest';
import type { Shown } from '../api/types';
import { plainly, sourceWords } from './why';

const item: Shown = { id: 'i', position: 1, request: 'r', surface: 'home', why: 'because you saved A' };

it('speaks in sentences, without repeats', () => {
  expect(plainly(item)).toEqual(['Because you saved A.']);
  expect(plainly(item, { item: 'i', why: ['because you saved A', 'Because you saved A.', 'It is new'] })).toEqual(['Because you saved A.', 'It is new.']);
});

it('always says something', () => {
  expect(plainly({ ...item, why: '', sources: ['trending'] })).toEqual(['It was found because many people like it now.']);
  expect(plainly({ ...item, why: undefined })[0]).toMatch(/no reason/);
  expect(plainly({ ...item, why: undefined, request: '' })[0]).toMatch(/not recommended/);
});

it('knows the sources', () => {
  expect(sourceWords('walk')).not.toBe('');
  expect(sourceWords('something-else')).toBe('');
});
