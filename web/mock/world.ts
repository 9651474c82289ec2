import type { Board, Colour, Item, User } from '../src/api/types';

// A small made-up world for developing the page and for its unit tests. Its
// pictures are SVG, drawn from a seed.

export interface World {
  items: Item[];
  drawings: Map<string, string>;
  users: User[];
  boards: Board[];
  boardItems: Map<string, string[]>;
}

const themes: { category: string; nouns: string[]; tags: string[]; palette: string[] }[] = [
  { category: 'home/living room', nouns: ['Oak shelf', 'Linen sofa', 'Paper lamp', 'Wool rug'], tags: ['oak', 'linen', 'calm'], palette: ['#d9cbb0', '#9caf88', '#55592b', '#f3e9d2', '#b7472a'] },
  { category: 'art/prints', nouns: ['Geometric print', 'Cut-out poster', 'Bauhaus study', 'Colour field'], tags: ['poster', 'bold', 'geometric'], palette: ['#d21f26', '#1f3fd0', '#ffdd22', '#f0f0f0', '#1c1c1e'] },
  { category: 'travel/coast', nouns: ['Harbour at dusk', 'Sea wall', 'White village', 'Island road'], tags: ['sea', 'summer', 'light'], palette: ['#8fcdf0', '#2b6fd6', '#fbf7ec', '#ffa033', '#16224a'] },
  { category: 'garden', nouns: ['Fern bed', 'Tulip border', 'Kitchen garden', 'Moss path'], tags: ['plants', 'green', 'spring'], palette: ['#1f5c2e', '#a6d96a', '#f29ac2', '#7d7f2a', '#fbf7ec'] },
  { category: 'wear/knit', nouns: ['Cable jumper', 'Striped scarf', 'Mohair cardigan', 'Ribbed hat'], tags: ['wool', 'winter', 'handmade'], palette: ['#c77d86', '#6b1220', '#f8c8d8', '#36393d', '#d9c7a3'] },
  { category: 'food/baking', nouns: ['Plum cake', 'Seeded loaf', 'Almond biscuits', 'Lemon tart'], tags: ['sweet', 'bread', 'rustic'], palette: ['#d9a520', '#7a4a26', '#8e4585', '#f3e9d2', '#fff27a'] },
];
const adjectives = ['Quiet', 'Bright', 'Early', 'Folded', 'Northern', 'Small', 'Warm', 'Deep', 'Soft', 'Blue-hour'];
const films = [
  'Toy Story (1995)', 'Matrix, The (1999)', 'Heat (1995)', 'City of Lost Children, The (1995)', 'Koyaanisqatsi (1983)',
  'Dr. Strangelove or: How I Learned to Stop Worrying and Love the Bomb (1963)', 'Three Colors: Blue (1993)', 'Fargo (1996)',
];

/** mulberry32: a small seeded generator. */
function random(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function makeWorld(size = 360): World {
  const items: Item[] = [];
  const drawings = new Map<string, string>();
  for (let i = 0; i < size; i++) {
    const r = random(i + 1);
    if (i % 9 === 4) {
      items.push({ id: `m${i}`, title: films[Math.floor(i / 9) % films.length]!, categories: [['Drama', 'Comedy', 'Thriller'][i % 3]!, 'Film'], attributes: { year: 1990 + (i % 10) } });
      continue;
    }
    const theme = themes[i % themes.length]!;
    const noun = theme.nouns[Math.floor(r() * theme.nouns.length)]!;
    const height = [320, 420, 480, 560, 640, 720][Math.floor(r() * 6)]!;
    const name = `p${i}.svg`;
    const colours = pick(theme.palette, 4, r);
    drawings.set(name, draw(480, height, colours, i, r));
    items.push({
      id: `i${i}`,
      title: `${adjectives[Math.floor(r() * adjectives.length)]} ${noun.toLowerCase()}`,
      description: `A ${noun.toLowerCase()} found by ${['the harbour', 'a friend', 'the archive'][i % 3]}. Kept here because its colours sit well together.`,
      categories: [theme.category],
      tags: theme.tags.slice(0, 1 + (i % 3)),
      attributes: i % 4 === 0 ? { price: 10 + Math.floor(r() * 90), material: 'oak' } : {},
      owner: `u${i % 12}`,
      link: i % 3 === 0 ? 'https://example.com/thing' : undefined,
      created: 1763800000000 - i * 3600e3,
      picture: {
        width: 480, height,
        small: `/pictures/${name}`, large: `/pictures/${name}`, original: `/pictures/${name}`,
        colours: colours.map((hex, k): Colour => ({ hex, name: names[hex] ?? hex, share: [0.5, 0.25, 0.15, 0.1][k]! })),
        placeholder: placeholder(colours),
      },
    });
  }
  const people = ['Ada', 'Bo', 'Carmen', 'Dev', 'Elif', 'Farid', 'Greta', 'Hiro', 'Ines', 'Jun', 'Kofi', 'Lena'];
  const users = people.map((name, i): User => ({ id: `u${i}`, name, boards: 2, saves: 20 + i }));
  const boards: Board[] = [];
  const boardItems = new Map<string, string[]>();
  users.forEach((u, i) => {
    for (let b = 0; b < 2; b++) {
      const id = `b${i}-${b}`;
      boards.push({ id, title: [`${themes[(i + b) % 6]!.nouns[b]} ideas`, 'Things to make'][b], owner: u.id, description: b ? '' : 'Collected slowly.', secret: b === 1 && i % 2 === 0 });
      boardItems.set(id, items.filter((_, k) => k % 24 === (i + b * 7) % 24).map((x) => x.id));
    }
  });
  return { items, drawings, users, boards, boardItems };
}

const names: Record<string, string> = {
  '#d9cbb0': 'beige', '#9caf88': 'sage', '#55592b': 'olive', '#f3e9d2': 'cream', '#b7472a': 'rust', '#d21f26': 'red', '#1f3fd0': 'blue',
  '#ffdd22': 'yellow', '#f0f0f0': 'white', '#1c1c1e': 'black', '#8fcdf0': 'sky blue', '#2b6fd6': 'blue', '#fbf7ec': 'ivory', '#ffa033': 'orange',
  '#16224a': 'navy', '#1f5c2e': 'dark green', '#a6d96a': 'lime', '#f29ac2': 'pink', '#7d7f2a': 'olive', '#c77d86': 'dusty rose', '#6b1220': 'maroon',
  '#f8c8d8': 'light pink', '#36393d': 'charcoal', '#d9c7a3': 'beige', '#d9a520': 'gold', '#7a4a26': 'brown', '#8e4585': 'plum', '#fff27a': 'light yellow',
};

function pick(from: string[], n: number, r: () => number): string[] {
  const left = [...from];
  return Array.from({ length: n }, () => left.splice(Math.floor(r() * left.length), 1)[0]!);
}

function placeholder([a, b]: string[]): string {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 3" preserveAspectRatio="none"><rect width="2" height="3" fill="${a}"/><circle cx="1" cy="2" r="1" fill="${b}" opacity=".6"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

function draw(w: number, h: number, c: string[], kind: number, r: () => number): string {
  const shapes: string[] = [];
  const at = (n: number) => Math.floor(r() * n);
  switch (kind % 6) {
    case 0:
      for (let k = 0; k < 7; k++) shapes.push(`<rect x="${at(w)}" y="${at(h)}" width="${60 + at(220)}" height="${60 + at(260)}" rx="${at(60)}" fill="${c[k % 4]}" opacity=".85"/>`);
      break;
    case 1:
      for (let k = 0; k < 5; k++) shapes.push(`<path d="M${at(w)} ${at(h)}a${80 + at(90)} ${80 + at(90)} 0 0 1 ${160 + at(80)} 0z" fill="${c[k % 4]}"/>`);
      break;
    case 2:
      shapes.push(`<circle cx="${w * 0.6}" cy="${h * 0.3}" r="${60 + at(50)}" fill="${c[1]}"/>`);
      for (let k = 0; k < 4; k++) shapes.push(`<path d="M0 ${h * (0.5 + k * 0.12)}q${w / 4} ${-60 - at(40)} ${w / 2} 0t${w / 2} 0V${h}H0z" fill="${c[(k + 1) % 4]}"/>`);
      break;
    case 3:
      for (let k = 0; k < 26; k++) shapes.push(`<ellipse cx="${at(w)}" cy="${at(h)}" rx="14" ry="${40 + at(60)}" transform="rotate(${at(180)} ${at(w)} ${at(h)})" fill="${c[k % 4]}" opacity=".8"/>`);
      break;
    case 4:
      for (let k = 0; k < h / 24; k++) shapes.push(`<path d="M0 ${k * 24}l24 12 24-12 ${Array.from({ length: 9 }, () => 'l24 12 24-12').join(' ')}" stroke="${c[k % 4]}" stroke-width="13" fill="none"/>`);
      break;
    default:
      for (let k = 6; k > 0; k--) shapes.push(`<circle cx="${w / 2}" cy="${h / 2}" r="${k * 38}" fill="${c[k % 4]}"/>`);
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}"><rect width="${w}" height="${h}" fill="${c[0]}"/>${shapes.join('')}</svg>`;
}
