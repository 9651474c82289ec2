// The names that the server gives colours, with one to show each by.
const shown: Record<string, string> = {
  red: '#d0342c', orange: '#ef7d22', yellow: '#f2c531', green: '#3f9b4f', teal: '#1f8f8b', cyan: '#35b5d0', blue: '#2f62c9', purple: '#7b4bb7',
  pink: '#e58bb0', brown: '#7d5233', beige: '#d9c4a0', black: '#1c1a18', white: '#fbfaf7', gray: '#8d8a86', grey: '#8d8a86',
};

/** The colours that can be shown, the commonest first, at most ten. */
export function coloursOf(counts: Record<string, number> = {}): { name: string; hex: string }[] {
  return Object.entries(counts)
    .filter(([name]) => shown[name])
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, 10)
    .map(([name]) => ({ name, hex: shown[name] }));
}
