/**
 * What would make issuing fail, found before it costs a failed attempt. Each check is a function of facts; the probes fetch
 * them, and change nothing anywhere.
 */
@NullMarked
package org.autotls.doctor;

import org.jspecify.annotations.NullMarked;
