// @vitest-environment node
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import en from './en.json';
import identity from './identity.json';
import knowledge from './knowledge.json';

const SRC = resolve(import.meta.dirname, '..');
const code = readdirSync(SRC, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /(?<!\.test)\.tsx?$/.test(entry.name))
  .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
  .join('\n');

const known = new Set(
  Object.entries({ ...en, ...identity, ...knowledge }).flatMap(([group, texts]) =>
    Object.keys(texts).map((key) => `${group}.${key.replace(/_(?:one|other)$/, '')}`),
  ),
);

describe('the texts', () => {
  it('are in one file each', () => {
    const groups = [en, identity, knowledge].flatMap((words) => Object.keys(words));
    expect(groups.filter((group, at) => groups.indexOf(group) < at)).toEqual([]);
  });

  it('exist for every key the code names', () => {
    const named = [...code.matchAll(/\bt\(\s*'([^']+)'/g)].map(([, key]) => key);
    expect(named.length).toBeGreaterThan(80);
    expect(named.filter((key) => !known.has(key as string))).toEqual([]);
  });

  it('are all used: by name, or under a group whose keys are composed', () => {
    const unused = [...known].filter((key) => {
      const [group, name] = key.split('.');
      const composed = code.includes(`\`${group}.\${`);
      return !code.includes(`'${key}'`) && !(composed && name);
    });
    expect(unused).toEqual([]);
  });
});
