import { createHash } from 'node:crypto';
import { z } from 'zod';

/** Bytes of one attachment. Three of them, in base64 and sealed, stay inside one message. */
export const attachmentBytes = 150_000;

/** Formats that a browser shows without running anything. */
export const attachmentTypes = ['application/pdf', 'text/csv', 'image/png', 'image/jpeg'] as const;

/** 添付: what goes with own information or a notice to its person. `content` is base64 of exactly what `sha256` names. */
export const attachment = z.strictObject({
  name: z.string().regex(/^[^/\\\p{Cc}]{1,80}$/u),
  mediaType: z.enum(attachmentTypes),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  content: z
    .string()
    .regex(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/)
    .max(Math.ceil(attachmentBytes / 3) * 4),
});
export type Attachment = z.infer<typeof attachment>;
export const attachments = z.array(attachment).max(3);

/** Undefined where the content is not what the digest names. */
export function bytesOfAttachment({ content, sha256 }: Attachment): Buffer | undefined {
  const bytes = Buffer.from(content, 'base64');
  return createHash('sha256').update(bytes).digest('hex') === sha256 ? bytes : undefined;
}
