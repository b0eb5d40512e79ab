import { Copy, Download } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { copyText } from '@/lib/clipboard';
import { saveText } from '@/lib/download';
import { Button } from './button';

interface SecretProps {
  label: string;
  text: string;
  /** Offers to keep it as a file of this name. */
  fileName?: string;
}

/** Something that is shown only now: with ways to take it along. */
export function Secret({ label, text, fileName }: SecretProps) {
  const { t } = useTranslation();
  const [note, setNote] = useState('');
  const copy = async () => setNote(t((await copyText(text)) ? 'action.copied' : 'error.notCopied'));
  return (
    <div>
      {/* biome-ignore lint/a11y/useSemanticElements: a text that may scroll must take the keyboard */}
      <pre
        role="group"
        tabIndex={0}
        aria-label={label}
        className="max-h-64 overflow-auto whitespace-pre-wrap break-all rounded-card border border-line bg-side px-3 py-2.5 font-mono text-sm"
      >
        {text}
      </pre>
      <div className="mt-2 flex flex-wrap items-center gap-2">
        <Button onClick={() => void copy()}>
          <Copy aria-hidden className="size-3.5" />
          {t('action.copy')}
        </Button>
        {fileName !== undefined && (
          <Button onClick={() => saveText(fileName, `${text}\n`)}>
            <Download aria-hidden className="size-3.5" />
            {t('secret.download')}
          </Button>
        )}
        <span role="status" className="text-ink-2 text-sm">
          {note}
        </span>
      </div>
    </div>
  );
}
