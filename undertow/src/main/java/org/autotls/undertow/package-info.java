/** Automatic TLS for Undertow. */
@NullMarked
package org.autotls.undertow;

import org.jspecify.annotations.NullMarked;
