import { defineEndpoint } from '@musubi/kernel/http/endpoint.ts';
import { z } from 'zod';
import { municipalityCode } from '../eltax/delivery.ts';

/*
 * 国税連携 イメージデータ (KSKイメージデータ): the scans that the tax agency makes of returns filed on paper. An office of the agency hands
 * them in; the images of tax documents of the municipality of 1 January ask what waits, fetch each, and say what became of it. A scan
 * shows the number boxes as they were filled in. The layout is our own definition; the real one is not published.
 * @law 地方税法 第325条; 番号利用法 第19条第10号 (国税・地方税), 第12条
 * @source requirements 002 NTL-F3, W03-8
 */

/** 国税庁, by its Corporate Number: who hands images in. */
export const taxAgencyNumber = '7000012050002';

const uuid = z.uuid();
const jws = z.string().max(65_536);
/** Longest scan, in bytes. */
export const maxImageBytes = 8_000_000;
/** The same as the characters of its JWE. */
export const maxImagePackage = 11_000_000;
const pages = z.int().min(1).max(200);
/** 受付番号 of the return, as the agency's index of returns names it. */
const returnNumber = z.string().regex(/^[0-9]{16}$/);

/** What is said of a scan and signed: by the office when it hands in, by the agency's instance when it gives out. It names nobody. */
export const returnImageCover = z.strictObject({
  v: z.literal(1),
  imageId: uuid,
  municipality: municipalityCode,
  incomeYear: z.int().min(2016).max(2100),
  returnNumber,
  pages,
  pdfSha256: z.string().regex(/^[0-9a-f]{64}$/),
  pdfLength: z.int().min(1).max(maxImageBytes),
});
export type ReturnImageCover = z.infer<typeof returnImageCover>;
export const returnImageCoverType = 'musubi-return-image';
/** JWE typ of the scan (PDF), encrypted to who receives; its protected members are those of the cover. */
export const returnImagePackageType = 'musubi-return-image-file';
export const returnImageMembers = ['imageId', 'pdfSha256'] as const;

const signedImage = z.strictObject({ cover: jws, package: z.string().max(maxImagePackage) });
const maxBodyBytes = maxImagePackage + 131_072;

/** An office of the agency hands a scan in. The same scan again is one; another content under its id is refused. */
export const handInReturnImage = defineEndpoint({
  id: 'etax.hand-in-return-image',
  method: 'POST',
  path: '/return-images',
  right: ['etax', 'return-image-issue', 'update'],
  maxBodyBytes,
  request: signedImage,
  response: z.strictObject({ imageId: uuid }),
  errors: {
    'bad-signature': { status: 422, title: '送付票の署名を確かめられません' },
    'package-unreadable': { status: 422, title: '送付されたイメージを復号できないか、送付票と一致しません' },
    'image-id-used': { status: 409, title: '同じ番号で内容の異なるイメージがあります' },
  },
});

const notDestination = { 'not-a-destination': { status: 403, title: '送付先の団体として登録されていません' } } as const;
const notThere = { 'no-such-image': { status: 404, title: '該当するイメージデータがありません' } } as const;

/** Images for the caller's municipality of which nothing was said yet, oldest first. */
export const listReturnImages = defineEndpoint({
  id: 'etax.list-return-images',
  method: 'POST',
  path: '/return-images/list',
  right: ['etax', 'return-image', 'read'],
  request: z.strictObject({ limit: z.int().min(1).max(200) }),
  response: z.strictObject({ images: z.array(uuid) }),
  errors: notDestination,
});

/** One image, encrypted to the caller's own certificate. Safe to repeat; every fetch is recorded. */
export const fetchReturnImage = defineEndpoint({
  id: 'etax.fetch-return-image',
  method: 'POST',
  path: '/return-images/:imageId/fetch',
  params: z.strictObject({ imageId: uuid }),
  right: ['etax', 'return-image', 'update'],
  request: z.strictObject({}),
  response: signedImage,
  errors: { ...notDestination, ...notThere },
});

/** What became of an image, stated once. The same statement again is answered the same; another one is refused. */
export const stateReturnImage = defineEndpoint({
  id: 'etax.state-return-image',
  method: 'POST',
  path: '/return-images/:imageId/outcome',
  params: z.strictObject({ imageId: uuid }),
  right: ['etax', 'return-image', 'update'],
  request: z.discriminatedUnion('outcome', [
    z.strictObject({ outcome: z.literal('received') }),
    /** The reason is a code, such as `not-a-pdf`. */
    z.strictObject({
      outcome: z.literal('returned'),
      reason: z.string().regex(/^[a-z0-9][a-z0-9-]{1,59}$/),
    }),
  ]),
  response: z.strictObject({}),
  errors: {
    ...notDestination,
    ...notThere,
    'never-fetched': { status: 409, title: '取得されていないイメージデータです' },
    'outcome-already-stated': { status: 409, title: '異なる結果がすでに登録されています' },
  },
});
