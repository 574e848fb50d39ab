/** Automatic TLS for Jetty. */
@NullMarked
package org.autotls.jetty;

import org.jspecify.annotations.NullMarked;
