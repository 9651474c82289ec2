// Pictures that a visitor brought in order to search by them. They live as long as
// the page: a reload forgets them.

export interface Upload {
  file: File;
  url: string;
  width: number;
  height: number;
}

const MOST_BYTES = 20 * 1024 * 1024;
const kept = new Map<string, Upload>();
let next = 1;

export const uploadAt = (key: string): Upload | undefined => kept.get(key);

/** Takes a picture in; throws with words for a person when it is none. */
export async function takeIn(file: File): Promise<string> {
  if (file.size > MOST_BYTES) throw new Error(`${file.name} is larger than 20 MB. Choose a smaller picture.`);
  if (file.type && !/^image\/(jpeg|png|gif|webp)$/.test(file.type)) {
    throw new Error('Only JPEG, PNG, GIF and WebP pictures can be searched with.');
  }
  const url = URL.createObjectURL(file);
  const size = await measure(url).catch(() => {
    URL.revokeObjectURL(url);
    throw new Error(`${file.name || 'The file'} could not be read as a picture.`);
  });
  const key = String(next++);
  kept.set(key, { file, url, ...size });
  if (kept.size > 12) {
    const oldest = kept.keys().next().value!;
    URL.revokeObjectURL(kept.get(oldest)!.url);
    kept.delete(oldest);
  }
  return key;
}

function measure(url: string): Promise<{ width: number; height: number }> {
  return new Promise((done, fail) => {
    const img = new Image();
    img.onload = () => (img.naturalWidth ? done({ width: img.naturalWidth, height: img.naturalHeight }) : fail());
    img.onerror = () => fail();
    img.src = url;
  });
}
