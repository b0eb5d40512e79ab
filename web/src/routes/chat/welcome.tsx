import { FileUp, Info } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useChosenChatbot } from '@/features/chatbots/choice';
import { useModels } from '@/features/models/api';
import { useModelChoice, validChoice } from '@/features/models/store';

interface WelcomeProps {
  onStarter: (text: string) => void;
  onAttach: () => void;
}

const STARTERS = {
  builtin: ['docWhat', 'docDates', 'docQuote'],
  model: ['docSummary', 'explain', 'draft'],
} as const;

function greeting(hour: number): 'morning' | 'afternoon' | 'evening' {
  if (hour >= 4 && hour < 12) return 'morning';
  return hour >= 12 && hour < 18 ? 'afternoon' : 'evening';
}

/** The empty chat: a greeting, ways to begin, and what the built-in model is where it answers. */
export function Welcome({ onStarter, onAttach }: WelcomeProps) {
  const { t } = useTranslation();
  const models = useModels().data;
  const greetingOf = useChosenChatbot((chosen) => chosen.greeting);
  const choice = useModelChoice((state) => state.model);
  const shown = validChoice(choice, models) ?? models?.default;
  const builtin = models?.items.find((model) => model.id === shown)?.builtin ?? false;
  const card =
    'flex h-full min-h-11 w-full items-center gap-3 rounded-card border border-line bg-raise px-3.5 py-2.5 text-start transition-colors duration-[120ms] hover:border-control hover:bg-hover/50';
  return (
    <div className="flex min-h-0 flex-1 overflow-y-auto">
      <div className="m-auto w-full max-w-measure px-4 py-8">
        <h2 className="text-balance font-serif text-3xl tracking-[-0.01em] max-sm:text-2xl">
          {t(`welcome.${greeting(new Date().getHours())}`)}
        </h2>
        <p className="mt-2 whitespace-pre-line text-ink-2 text-read" dir="auto">
          {greetingOf ?? t('welcome.lead')}
        </p>
        <ul className="mt-7 grid gap-2 sm:grid-cols-2">
          <li>
            <button type="button" className={card} onClick={onAttach}>
              <FileUp aria-hidden className="size-4 shrink-0 text-accent-text" />
              <span className="font-medium">{t('welcome.attach')}</span>
            </button>
          </li>
          {STARTERS[builtin ? 'builtin' : 'model'].map((starter) => (
            <li key={starter}>
              <button
                type="button"
                className={card}
                onClick={() => onStarter(t(`welcome.${starter}`))}
              >
                <span className="text-ink-2">{t(`welcome.${starter}`)}</span>
              </button>
            </li>
          ))}
        </ul>
        {builtin && (
          <section
            aria-label={t('welcome.builtinTitle')}
            className="mt-6 flex gap-3 rounded-card border border-line bg-side px-4 py-3.5"
          >
            <Info aria-hidden className="mt-0.5 size-4 shrink-0 text-accent-text" />
            <div className="min-w-0">
              <p className="font-medium">{t('welcome.builtinTitle')}</p>
              <p className="mt-1 text-ink-2">{t('welcome.builtinText')}</p>
              <p className="mt-2 text-ink-2">{t('welcome.connect')}</p>
              <ul className="mt-1.5 flex flex-wrap gap-1.5">
                {['OPENAI_API_KEY=…', 'ANTHROPIC_API_KEY=…', 'LLM_MODEL=ollama/llama3.2'].map(
                  (setting) => (
                    <li key={setting}>
                      <code className="break-all rounded bg-raise px-1.5 py-0.5 font-mono text-xs">
                        {setting}
                      </code>
                    </li>
                  ),
                )}
              </ul>
            </div>
          </section>
        )}
      </div>
    </div>
  );
}
