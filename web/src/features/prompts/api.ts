import { json } from '@/lib/api/client';
import { useAct, useGet, usePages } from '@/lib/api/hooks';
import type { Prompt, PromptPage, PromptVersion } from '@/lib/api/identity-types';

const PROMPTS = '/prompts';

export const usePrompts = () => useGet<PromptPage>(`${PROMPTS}?limit=100`);
export const usePrompt = (id: string | null) =>
  useGet<Prompt>(id === null ? null : `${PROMPTS}/${id}`);
export const usePromptVersions = (id: string) =>
  usePages<PromptVersion>(`${PROMPTS}/${id}/versions`);

export interface PromptTerms {
  name: string;
  text: string;
  description?: string;
}

/** Makes a prompt, or changes the one of this id: another text is another version. */
export const useSavePrompt = (id: string | null) =>
  useAct(
    (body: PromptTerms) =>
      id === null
        ? json<Prompt>('POST', PROMPTS, { body })
        : json<Prompt>('PUT', `${PROMPTS}/${id}`, { body }),
    PROMPTS,
  );

export const useDeletePrompt = () =>
  useAct((id: string) => json('DELETE', `${PROMPTS}/${id}`), PROMPTS);

export const useRollBackPrompt = (id: string) =>
  useAct(
    (version: number) => json<Prompt>('POST', `${PROMPTS}/${id}/rollback`, { body: { version } }),
    PROMPTS,
  );
