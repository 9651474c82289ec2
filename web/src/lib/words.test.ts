import { describe, expect, it } from 'vitest';
import { ago, duration, figure, freshID, leaf, priceOf, uuid, valueText } from './words';

describe('words', () => {
  it('reads categories', () => expect(leaf('home/living-room')).toBe('living room'));
  it('prints figures shortly', () => {
    expect([0.12345, 12.345, 1234.5, 0, -0.5, 0.00001].map(figure)).toEqual(['0.123', '12.3', '1,235', '0', '-0.5', '1.0e-5']);
  });
  it('prints prices', () => {
    expect(priceOf({ id: 'a', attributes: { price: 20 } })).toBe('20');
    expect(priceOf({ id: 'a', attributes: { price: 20.5, currency: 'EUR' } })).toBe('€20.50');
    expect(priceOf({ id: 'a', attributes: { price: 'free' } })).toBe('');
    expect(priceOf({ id: 'a' })).toBe('');
  });
  it('prints attribute values', () => {
    expect(valueText(['oak', 'ash'])).toBe('oak, ash');
    expect(valueText(1995)).toBe('1995');
  });
  it('tells times', () => {
    expect(ago(0, 3 * 86400e3)).toBe('3 days ago');
    expect(ago(1000, 500)).toBe('just now');
    expect(duration(3700)).toBe('1 h 1 min');
  });
  it('makes ids', () => {
    expect(freshID('Küche & Bad!')).toMatch(/^kuche-bad-[0-9a-f]{8}$/);
    expect(freshID('日本')).toMatch(/^x-[0-9a-f]{8}$/);
    expect(uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
