import type { UploadedFile } from '@/lib/api/types';
import { sendFile } from '@/lib/api/upload';

interface UploadOptions {
  file: File;
  key: string;
  onProgress: (sent: number) => void;
  signal: AbortSignal;
}

export async function uploadFile(options: UploadOptions): Promise<UploadedFile> {
  const { file } = options;
  const { body } = await sendFile({ path: '/files/upload', ...options });
  const answer = body as Partial<UploadedFile> & { id?: string };
  return {
    file_id: answer.file_id ?? answer.id ?? '',
    name: answer.name ?? file.name,
    media_type: answer.media_type ?? file.type,
    size: answer.size ?? file.size,
    text_chars: answer.text_chars ?? 0,
    notice: answer.notice ?? null,
  };
}
