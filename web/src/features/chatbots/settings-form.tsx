import { useTranslation } from 'react-i18next';
import { AreaField, CheckField, SelectField } from '@/components/ui/field';
import type { ChatbotSettings } from '@/lib/api/identity-types';
import type { Collection } from '@/lib/api/knowledge-types';
import type { Model } from '@/lib/api/types';
import { useGraphs, usePromptNames, useTools } from './api';
import { KnowledgeFields } from './knowledge-fields';
import { NumberField } from './number-field';
import { type Change, changed } from './settings';

interface SettingsFormProps {
  settings: ChatbotSettings;
  models: readonly Model[];
  /** The collections to choose from. */
  collections: readonly Collection[];
  /** Whether they can only be read. */
  fixed: boolean;
  onChange: (settings: ChatbotSettings) => void;
}

interface PartProps {
  settings: ChatbotSettings;
  change: Change;
}

/** What a version of a chatbot is made of. What is left empty is the installation's default. */
export function SettingsForm({
  settings,
  models,
  collections,
  fixed,
  onChange,
}: SettingsFormProps) {
  const { t } = useTranslation();
  const change: Change = (part) => onChange(changed(settings, part));
  return (
    <fieldset disabled={fixed} className="flex min-w-0 flex-col gap-4">
      <legend className="sr-only">{t('chatbots.settings')}</legend>
      <SystemPromptField settings={settings} change={change} />
      <AreaField
        label={t('chatbots.greeting')}
        hint={t('chatbots.greetingHint')}
        rows={2}
        maxLength={2000}
        value={settings.greeting ?? ''}
        onChange={({ target }) => change({ greeting: target.value || undefined })}
      />
      <ModelFields settings={settings} change={change} models={models} />
      <KnowledgeFields settings={settings} collections={collections} change={change} />
      <Tools settings={settings} change={change} />
      <Limits settings={settings} change={change} />
    </fieldset>
  );
}

function SystemPromptField({ settings, change }: PartProps) {
  const { t } = useTranslation();
  const library = usePromptNames().data;
  const prompt = settings.system_prompt;
  const kind = prompt === undefined ? 'none' : 'text' in prompt ? 'text' : 'named';
  const names = [
    ...new Set([
      ...(prompt && 'named' in prompt ? [prompt.named] : []),
      ...(library?.items ?? []).map(({ name }) => name),
      ...(library?.files ?? []).map(({ name }) => name),
    ]),
  ];
  const become = (next: string) => {
    if (next === 'text') change({ system_prompt: { text: '' } });
    else if (next === 'named') change({ system_prompt: { named: names[0] ?? '' } });
    else change({ system_prompt: undefined });
  };
  return (
    <div className="flex flex-col gap-2">
      <SelectField
        label={t('chatbots.prompt')}
        value={kind}
        options={(['none', 'text', 'named'] as const)
          .filter((value) => value !== 'named' || names.length > 0)
          .map((value) => ({ value, label: t(`promptKind.${value}`) }))}
        onChange={(event) => become(event.target.value)}
      />
      {prompt && 'text' in prompt && (
        <AreaField
          bare
          mono
          label={t('chatbots.promptText')}
          rows={8}
          maxLength={32_000}
          value={prompt.text}
          onChange={({ target }) => change({ system_prompt: { text: target.value } })}
        />
      )}
      {prompt && 'named' in prompt && (
        <SelectField
          bare
          label={t('chatbots.promptName')}
          value={prompt.named}
          options={names.map((name) => ({ value: name, label: name }))}
          onChange={({ target }) => change({ system_prompt: { named: target.value } })}
        />
      )}
    </div>
  );
}

function ModelFields({ settings, change, models }: PartProps & { models: readonly Model[] }) {
  const { t } = useTranslation();
  const graphs = useGraphs().data?.items ?? [];
  const usual = { value: '', label: t('chatbots.usual') };
  const known = new Map(models.map(({ id, name }) => [id, name]));
  // A model that is not there any more is still what the settings say.
  if (settings.model && !known.has(settings.model)) known.set(settings.model, settings.model);
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <SelectField
        label={t('chatbots.model')}
        value={settings.model ?? ''}
        options={[usual, ...[...known].map(([value, label]) => ({ value, label }))]}
        onChange={({ target }) => change({ model: target.value || undefined })}
      />
      <SelectField
        label={t('chatbots.reasoning')}
        value={settings.reasoning ?? ''}
        options={[
          usual,
          ...(['low', 'medium', 'high'] as const).map((value) => ({
            value,
            label: t(`reasoningEffort.${value}`),
          })),
        ]}
        onChange={({ target }) =>
          change({ reasoning: (target.value || undefined) as ChatbotSettings['reasoning'] })
        }
      />
      <NumberField
        label={t('chatbots.temperature')}
        hint={t('chatbots.temperatureHint')}
        value={settings.temperature}
        min={0}
        max={2}
        step={0.05}
        onChange={(temperature) => change({ temperature })}
      />
      <NumberField
        label={t('chatbots.topP')}
        hint={t('chatbots.topPHint')}
        value={settings.top_p}
        min={0.01}
        max={1}
        step={0.01}
        onChange={(top_p) => change({ top_p })}
      />
      <NumberField
        label={t('chatbots.maxTokens')}
        value={settings.max_tokens}
        min={1}
        max={1_000_000}
        step={1}
        onChange={(max_tokens) => change({ max_tokens })}
      />
      {graphs.length > 1 && (
        <SelectField
          label={t('chatbots.graph')}
          value={settings.graph ?? ''}
          options={[usual, ...graphs.map((name) => ({ value: name, label: name }))]}
          onChange={({ target }) => change({ graph: target.value || undefined })}
        />
      )}
      <AreaField
        label={t('chatbots.stop')}
        hint={t('chatbots.stopHint')}
        rows={2}
        value={(settings.stop ?? []).join('\n')}
        onChange={({ target }) =>
          change({ stop: target.value === '' ? undefined : target.value.split('\n').slice(0, 4) })
        }
      />
    </div>
  );
}

function Tools({ settings, change }: PartProps) {
  const { t } = useTranslation();
  const tools = useTools().data?.items ?? [];
  const { tools: chosen } = settings;
  if (tools.length === 0) return null;
  return (
    <fieldset className="min-w-0">
      <legend className="font-medium text-sm">{t('chatbots.tools')}</legend>
      <div className="mt-1.5 flex flex-col gap-2">
        <CheckField
          label={t('chatbots.allTools')}
          checked={chosen === undefined}
          onChange={({ target }) =>
            change({ tools: target.checked ? undefined : tools.map(({ name }) => name) })
          }
        />
        {chosen !== undefined &&
          tools.map(({ name, description, needs_approval }) => (
            <CheckField
              key={name}
              className="ms-6"
              label={needs_approval ? t('chatbots.toolAsks', { name }) : name}
              hint={description}
              checked={chosen.includes(name)}
              onChange={({ target }) =>
                change({
                  tools: target.checked
                    ? [...chosen, name]
                    : chosen.filter((other) => other !== name),
                })
              }
            />
          ))}
      </div>
    </fieldset>
  );
}

const HOUR = 3600;

function Limits({ settings, change }: PartProps) {
  const { t } = useTranslation();
  const limit = settings.rate_limit;
  return (
    <fieldset className="min-w-0">
      <legend className="font-medium text-sm">{t('chatbots.rate')}</legend>
      <div className="mt-1.5 flex flex-col gap-2">
        <CheckField
          label={t('chatbots.rateOn')}
          checked={limit !== undefined}
          onChange={({ target }) =>
            change({
              rate_limit: target.checked ? { requests: 100, window_seconds: HOUR } : undefined,
            })
          }
        />
        {limit && (
          <div className="grid grid-cols-2 gap-4">
            <NumberField
              label={t('chatbots.rateRequests')}
              value={limit.requests}
              min={1}
              max={1_000_000}
              step={1}
              onChange={(requests = 1) => change({ rate_limit: { ...limit, requests } })}
            />
            <NumberField
              label={t('chatbots.rateSeconds')}
              value={limit.window_seconds}
              min={1}
              max={86_400}
              step={1}
              onChange={(window_seconds = 1) =>
                change({ rate_limit: { ...limit, window_seconds } })
              }
            />
          </div>
        )}
      </div>
    </fieldset>
  );
}
