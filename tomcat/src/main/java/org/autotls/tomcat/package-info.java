/** Automatic TLS for embedded Tomcat. */
@NullMarked
package org.autotls.tomcat;

import org.jspecify.annotations.NullMarked;
