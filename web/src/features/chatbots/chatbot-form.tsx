import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { AreaField, Field } from '@/components/ui/field';
import { Form } from '@/components/ui/form';
import type { Chatbot, ChatbotSettings } from '@/lib/api/identity-types';
import type { Collection } from '@/lib/api/knowledge-types';
import type { Model } from '@/lib/api/types';
import { toast } from '@/lib/toast';
import { type ChatbotChanges, useSaveChatbot } from './api';
import { sameSettings } from './settings';
import { SettingsForm } from './settings-form';

interface ChatbotFormProps {
  chatbot: Chatbot;
  models: readonly Model[];
  collections: readonly Collection[];
  fixed: boolean;
  /** Told of each change, so that it can be tried before it is saved. */
  onSettings: (settings: ChatbotSettings) => void;
}

export function ChatbotForm(props: ChatbotFormProps) {
  const { chatbot, models, collections, fixed, onSettings } = props;
  const { t } = useTranslation();
  // What the changes are made from: another's newer version must not be overwritten unseen.
  const [base, setBase] = useState(chatbot);
  const [settings, setSettings] = useState(chatbot.settings);
  const save = useSaveChatbot(chatbot.id);
  const change = (next: ChatbotSettings) => {
    setSettings(next);
    onSettings(next);
  };
  const fields = (
    <>
      <Field
        label={t('chatbots.name')}
        name="name"
        required
        maxLength={200}
        defaultValue={chatbot.name}
        disabled={fixed}
        autoComplete="off"
      />
      <AreaField
        label={t('chatbots.description')}
        name="description"
        rows={2}
        maxLength={2000}
        defaultValue={chatbot.description ?? ''}
        disabled={fixed}
      />
      <SettingsForm
        settings={settings}
        models={models}
        collections={collections}
        fixed={fixed}
        onChange={change}
      />
    </>
  );
  if (fixed) return <div className="flex flex-col gap-4">{fields}</div>;
  const dirty = !sameSettings(settings, base.settings);
  return (
    <Form
      submit={dirty ? t('chatbots.saveVersion', { version: base.version + 1 }) : t('action.save')}
      busy={save.isPending}
      error={save.error}
      onSubmit={({ name = '', description = '', note = '' }) => {
        // Only what was changed here: the rest may have been changed by others meanwhile.
        const body: ChatbotChanges = {};
        if (name.trim() !== base.name) body.name = name.trim();
        const text = description.trim() || null;
        if (text !== (base.description ?? null)) body.description = text;
        if (dirty) {
          Object.assign(body, { settings, expected_version: base.version });
          if (note.trim() !== '') body.note = note.trim();
        }
        if (Object.keys(body).length === 0) return void toast(t('page.saved'));
        save.mutate(body, {
          onSuccess: (saved) => {
            setBase(saved);
            toast(t('page.saved'));
          },
        });
      }}
    >
      {fields}
      {dirty && (
        <Field
          label={t('chatbots.note')}
          hint={t('chatbots.noteHint')}
          name="note"
          maxLength={500}
          autoComplete="off"
        />
      )}
    </Form>
  );
}
