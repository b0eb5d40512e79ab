// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest';
import { droppedFrom, MOST_FILES, pickedFrom } from './picked';

const file = (name: string, path = '') =>
  Object.defineProperty(new File(['x'], name), 'webkitRelativePath', { value: path });

const leaf = (fullPath: string, broken = false) => ({
  isDirectory: false,
  fullPath,
  file: (take: (file: File) => void, refuse: (cause: Error) => void) =>
    broken ? refuse(new Error('gone')) : take(new File(['x'], fullPath.split('/').at(-1) ?? '')),
});

/** A folder that hands out its entries in pieces, as browsers do. */
const folder = (fullPath: string, entries: unknown[]) => ({
  isDirectory: true,
  fullPath,
  createReader: () => {
    const left = [...entries];
    return { readEntries: (take: (piece: unknown[]) => void) => take(left.splice(0, 2)) };
  },
});

const drop = (...entries: unknown[]) =>
  ({
    items: entries.map((entry) => ({ webkitGetAsEntry: () => entry })),
    files: [],
  }) as unknown as DataTransfer;

describe('files that are chosen', () => {
  it('bring their place in a folder, without what is hidden', () => {
    const { files } = pickedFrom([
      file('a.md'),
      file('.env'),
      file('b.md', 'docs/b.md'),
      file('HEAD', 'docs/.git/HEAD'),
    ]);
    expect(files.map(({ path, file: { name } }) => path ?? name)).toEqual([
      'a.md',
      '.env',
      'docs/b.md',
    ]);
  });

  it('are no more than are taken at once', () => {
    const many = Array.from({ length: MOST_FILES + 1 }, () => file('a.md'));
    expect(pickedFrom(many)).toMatchObject({ cut: true, files: { length: MOST_FILES } });
  });
});

describe('a drop', () => {
  it('is walked with all its folders, however many pieces they come in', async () => {
    const pick = await droppedFrom(
      drop(
        leaf('/alone.md'),
        folder('/docs', [
          leaf('/docs/a.md'),
          leaf('/docs/b.md'),
          leaf('/docs/.DS_Store'),
          folder('/docs/in', [leaf('/docs/in/c.md')]),
          folder('/docs/.git', [leaf('/docs/.git/HEAD')]),
        ]),
      ),
    );
    expect(pick.files.map(({ path, file: { name } }) => path ?? name)).toEqual([
      'alone.md',
      'docs/a.md',
      'docs/b.md',
      'docs/in/c.md',
    ]);
  });

  it('says which files could not be opened, and takes the others', async () => {
    const pick = await droppedFrom(drop(leaf('/gone.md', true), leaf('/here.md')));
    expect(pick.unread).toEqual(['gone.md']);
    expect(pick.files).toHaveLength(1);
  });

  it('without entries is taken as plain files', async () => {
    const data = { items: [], files: [file('a.md')] } as unknown as DataTransfer;
    expect((await droppedFrom(data)).files).toHaveLength(1);
  });
});
