/** Small programs, each of which serves HTTPS or TLS with certificates that look after themselves. */
@NullMarked
package org.autotls.examples;

import org.jspecify.annotations.NullMarked;
