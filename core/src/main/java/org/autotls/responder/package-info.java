/** The objects that make ACME challenges answerable: tls-alpn-01 on the port that serves, http-01 on port 80. */
@NullMarked
package org.autotls.responder;

import org.jspecify.annotations.NullMarked;
