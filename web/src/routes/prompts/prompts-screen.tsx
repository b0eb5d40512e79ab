import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Needs, SignedIn } from '@/components/identity/signed-in';
import { Button } from '@/components/ui/button';
import { Confirm } from '@/components/ui/confirm';
import { Loaded } from '@/components/ui/loaded';
import { Page, Section } from '@/components/ui/page';
import { useDeletePrompt, usePrompt } from '@/features/prompts/api';
import { PromptForm } from '@/features/prompts/prompt-form';
import { PromptList } from '@/features/prompts/prompt-list';
import { PromptVersions } from '@/features/prompts/prompt-versions';
import type { Me, Prompt } from '@/lib/api/identity-types';
import { may } from '@/lib/api/me';

/** In the place of an id: a prompt that is to be made. */
const NEW = 'new';

export function Prompts() {
  const { t } = useTranslation();
  return (
    <Page title={t('prompts.title')}>
      <SignedIn>
        {(me) => (
          <Needs me={me} permission="prompts:read">
            <Section
              title={t('prompts.title')}
              text={t('prompts.text')}
              actions={
                may(me, 'prompts:write') && (
                  <Link
                    to="/prompts/$promptId"
                    params={{ promptId: NEW }}
                    className="inline-flex h-8 items-center gap-1.5 rounded-control bg-accent px-3 font-medium text-on-accent text-sm touch:h-10"
                  >
                    <Plus aria-hidden className="size-3.5" />
                    {t('prompts.create')}
                  </Link>
                )
              }
            >
              <PromptList />
            </Section>
          </Needs>
        )}
      </SignedIn>
    </Page>
  );
}

export function PromptEditor() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { promptId = NEW } = useParams({ strict: false });
  const prompt = usePrompt(promptId === NEW ? null : promptId);
  const show = ({ id }: Prompt) =>
    void navigate({ to: '/prompts/$promptId', params: { promptId: id } });
  return (
    <Page title={promptId === NEW ? t('prompts.create') : (prompt.data?.name ?? '…')}>
      <SignedIn>
        {(me) =>
          promptId === NEW ? (
            <Needs me={me} permission="prompts:write">
              <PromptForm prompt={null} onSaved={show} />
            </Needs>
          ) : (
            <Loaded query={prompt}>
              {(data) => <Stored key={data.id} me={me} prompt={data} />}
            </Loaded>
          )
        }
      </SignedIn>
    </Page>
  );
}

function Stored({ me, prompt }: { me: Me; prompt: Prompt }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const remove = useDeletePrompt();
  const [asking, setAsking] = useState(false);
  const [begun, setBegun] = useState(0);
  const fixed = !may(me, 'prompts:write');
  return (
    <>
      <Section title={t('prompts.template')}>
        {fixed ? (
          <pre className="whitespace-pre-wrap break-words rounded-card border border-line bg-side p-4 font-mono text-sm">
            {prompt.text}
          </pre>
        ) : (
          // Not begun anew with each version: what is being written must survive another's save.
          <PromptForm key={begun} prompt={prompt} onSaved={() => undefined} />
        )}
      </Section>
      <Section title={t('versions.title')} text={t('versions.text')}>
        <PromptVersions prompt={prompt} fixed={fixed} onRolledBack={() => setBegun(begun + 1)} />
      </Section>
      {!fixed && (
        <Section title={t('prompts.delete')} text={t('prompts.deleteText')}>
          <Button look="danger" onClick={() => setAsking(true)}>
            {t('prompts.delete')}
          </Button>
          {asking && (
            <Confirm
              title={t('prompts.deleteTitle', { name: prompt.name })}
              text={t('prompts.deleteText')}
              action={t('prompts.delete')}
              busy={remove.isPending}
              error={remove.error}
              onClose={() => setAsking(false)}
              onConfirm={() =>
                remove.mutate(prompt.id, { onSuccess: () => void navigate({ to: '/prompts' }) })
              }
            />
          )}
        </Section>
      )}
    </>
  );
}
