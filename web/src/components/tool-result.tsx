import { useTranslation } from 'react-i18next';
import { Verbatim } from './ui/verbatim';

/** What a tool answered; of what is not the reader's to see any more, that it is so. */
export function ToolResult({ output, gone }: { output: string; gone: boolean }) {
  const { t } = useTranslation();
  if (gone) return <p className="py-1 text-ink-3 text-sm">{t('tool.gone')}</p>;
  return <Verbatim label={t('tool.result')} text={output} />;
}
