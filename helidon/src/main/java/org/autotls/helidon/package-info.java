/** Automatic TLS for Helidon. */
@NullMarked
package org.autotls.helidon;

import org.jspecify.annotations.NullMarked;
