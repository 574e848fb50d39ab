/** Tests of the root package. */
@NullMarked
package org.autotls;

import org.jspecify.annotations.NullMarked;
