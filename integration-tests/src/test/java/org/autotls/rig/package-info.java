/** Real CAs and peers, and autotls as a process of its own, for the tests that look from outside. */
@NullMarked
package org.autotls.rig;

import org.jspecify.annotations.NullMarked;
