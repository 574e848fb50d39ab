/** Programs that measure autotls beside others in the same run; docs/benchmarks.md says what each compares. */
@NullMarked
package org.autotls.benchmarks;

import org.jspecify.annotations.NullMarked;
