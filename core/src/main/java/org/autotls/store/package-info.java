/** Where bundles, state and account keys are kept: in memory, and in a directory that other programs share. */
@NullMarked
package org.autotls.store;

import org.jspecify.annotations.NullMarked;
