/** Tests of the shared text forms. */
@NullMarked
package org.autotls.internal;

import org.jspecify.annotations.NullMarked;
