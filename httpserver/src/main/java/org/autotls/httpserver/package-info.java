/** Automatic TLS for the JDK's own HttpsServer. */
@NullMarked
package org.autotls.httpserver;

import org.jspecify.annotations.NullMarked;
