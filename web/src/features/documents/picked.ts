/** A file that was chosen or dropped. */
export interface Picked {
  file: File;
  /** Where it lies in the folder that it came with; null when it came alone. */
  path: string | null;
}

export interface Pick {
  files: Picked[];
  /** Files that the browser could not open. */
  unread: string[];
  /** Whether there were more than are taken at once. */
  cut: boolean;
}

/** The most files that are taken at once. */
export const MOST_FILES = 20_000;

/** Files that systems and tools keep for themselves, such as `.DS_Store` and all of `.git`. */
const isHidden = (path: string) => path.split('/').some((name) => name.startsWith('.'));

/** The files of a file field; from a folder they bring their paths. */
export function pickedFrom(list: Iterable<File>): Pick {
  const files = [...list]
    .map((file) => ({ file, path: file.webkitRelativePath || null }))
    .filter(({ path }) => path === null || !isHidden(path));
  return { files: files.slice(0, MOST_FILES), unread: [], cut: files.length > MOST_FILES };
}

/** The files of a drop, with those in dropped folders. */
export async function droppedFrom(data: DataTransfer): Promise<Pick> {
  // The browser empties `data` once this function first waits.
  const roots = [...data.items].flatMap((item) => item.webkitGetAsEntry?.() ?? []);
  if (roots.length === 0) return pickedFrom(data.files);
  const pick: Pick = { files: [], unread: [], cut: false };
  const queue = [...roots];
  for (let entry = queue.shift(); entry; entry = queue.shift()) {
    const path = entry.fullPath.replace(/^\//, '');
    if (path.includes('/') && isHidden(path)) continue;
    if (pick.files.length >= MOST_FILES) return { ...pick, cut: true };
    try {
      if (entry.isDirectory) queue.push(...(await childrenOf(entry as FileSystemDirectoryEntry)));
      else {
        const file = await fileOf(entry as FileSystemFileEntry);
        pick.files.push({ file, path: path.includes('/') ? path : null });
      }
    } catch {
      pick.unread.push(path);
    }
  }
  return pick;
}

const fileOf = (entry: FileSystemFileEntry) =>
  new Promise<File>((resolve, reject) => entry.file(resolve, reject));

/** A folder is read in pieces; an empty one is the last. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const piece = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (piece.length === 0) return all;
    all.push(...piece);
  }
}
