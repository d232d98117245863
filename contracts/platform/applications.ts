import { defineFamily } from '@musubi/kernel/streams/family.ts';
import { z } from 'zod';
import { procedureCode, receiptNumber } from '../portal/applications.ts';
import { orgPersonNumber } from './persons.ts';

/**
 * common-platform → the business whose procedure it is: an application on line whose card signature stood when it was taken.
 * `content` is the signed text, byte for byte; `orgPersonNumber` is given only where name, birthday, sex and address all agree
 * with exactly one person of the organisation.
 */
export const receivedApplication = z.strictObject({
  receiptNumber,
  procedure: procedureCode,
  formVersion: z.string().max(10),
  content: z.string().max(40_000),
  certificateSerial: z.string().max(60),
  orgPersonNumber: orgPersonNumber.nullable(),
  acceptedAt: z.string(),
});
export type ReceivedApplication = z.infer<typeof receivedApplication>;
export const receivedApplications = defineFamily<ReceivedApplication>({
  name: 'platform.application',
  class: 'single',
  schema: receivedApplication,
});

/**
 * The business → common-platform, once an application has its end there; the platform tells the portal, and the applicant sees it.
 * `declined` is what could not be taken: the applicant is asked by the business, not by this word.
 */
export const applicationOutcome = z.strictObject({
  receiptNumber,
  outcome: z.enum(['completed', 'declined']),
});
export type ApplicationOutcome = z.infer<typeof applicationOutcome>;
export const applicationOutcomes = defineFamily<ApplicationOutcome>({
  name: 'platform.application-outcome',
  class: 'single',
  schema: applicationOutcome,
});
