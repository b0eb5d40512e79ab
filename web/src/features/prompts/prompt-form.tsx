import { useTranslation } from 'react-i18next';
import { AreaField, Field } from '@/components/ui/field';
import { Form } from '@/components/ui/form';
import type { Prompt } from '@/lib/api/identity-types';
import { toast } from '@/lib/toast';
import { useSavePrompt } from './api';

interface PromptFormProps {
  /** Null for a new one. */
  prompt: Prompt | null;
  onSaved: (prompt: Prompt) => void;
}

export function PromptForm({ prompt, onSaved }: PromptFormProps) {
  const { t } = useTranslation();
  const save = useSavePrompt(prompt?.id ?? null);
  return (
    <Form
      submit={t('action.save')}
      busy={save.isPending}
      error={save.error}
      onSubmit={({ name = '', description = '', text = '' }) =>
        save.mutate(
          {
            name: name.trim(),
            text,
            ...(description.trim() !== '' && { description: description.trim() }),
          },
          {
            onSuccess: (saved) => {
              toast(t('page.saved'));
              onSaved(saved);
            },
          },
        )
      }
    >
      <Field
        label={t('prompts.name')}
        hint={t('prompts.nameHint')}
        name="name"
        required
        maxLength={64}
        pattern="[A-Za-z0-9._\-]+"
        defaultValue={prompt?.name}
        autoComplete="off"
        spellCheck={false}
      />
      <Field
        label={t('chatbots.description')}
        name="description"
        maxLength={2000}
        defaultValue={prompt?.description ?? ''}
        autoComplete="off"
      />
      <AreaField
        mono
        label={t('prompts.template')}
        hint={t('prompts.templateHint', { open: '{{', close: '}}' })}
        name="text"
        required
        rows={14}
        maxLength={32_000}
        defaultValue={prompt?.text}
      />
    </Form>
  );
}
