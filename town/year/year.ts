import type { Step } from '../walk/walk.ts';
import { correctTheReport, payTheRest, refundIt } from './step-12-to-14-correction.ts';
import {
  closeTheBooks,
  confirmStaff,
  fileNextJanuary,
  followOneResident,
  levyTheNextYear,
  moveAwayOnTheLastDay,
} from './step-15-to-20-next-year.ts';

/** The rest of the year after the walk, August to the closing of the books in June, told of one resident. */
export const yearSteps: readonly Step[] = [
  payTheRest,
  correctTheReport,
  refundIt,
  moveAwayOnTheLastDay,
  fileNextJanuary,
  confirmStaff,
  levyTheNextYear,
  closeTheBooks,
  followOneResident,
];
