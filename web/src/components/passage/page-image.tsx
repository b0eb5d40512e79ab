import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Spinner } from '@/components/ui/spinner';
import { request } from '@/lib/api/client';
import { keys } from '@/lib/api/keys';

interface PageImageProps {
  /** The path of the API that gives the picture. */
  path: string;
  page: number;
  document: string;
}

/** A picture of a page stays as it is; this only bounds how long it is kept. */
const FRESH_MS = 10 * 60_000;

/** A page of a document as it looks; a sentence where there is no picture of it. */
export function PageImage({ path, page, document }: PageImageProps) {
  const { t } = useTranslation();
  const picture = useQuery({
    queryKey: keys.path(path),
    queryFn: async ({ signal }) => (await request(path, { signal })).blob(),
    staleTime: FRESH_MS,
    gcTime: FRESH_MS,
    retry: false,
  });
  const url = useObjectUrl(picture.data);
  if (picture.isError) return <p className="text-ink-3 text-sm">{t('sources.noPicture')}</p>;
  if (url === null) {
    return (
      <p role="status" className="flex min-h-48 items-center justify-center gap-2 text-ink-3">
        <Spinner />
        {t('sources.drawing')}
      </p>
    );
  }
  return (
    <img
      src={url}
      alt={t('sources.picture', { page, document })}
      className="h-auto w-full rounded-control border border-line"
    />
  );
}

/** An address within the page for a blob, for as long as it is shown. */
function useObjectUrl(blob: Blob | undefined): string | null {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (!blob) return;
    const made = URL.createObjectURL(blob);
    setUrl(made);
    return () => {
      URL.revokeObjectURL(made);
      setUrl(null);
    };
  }, [blob]);
  return url;
}
