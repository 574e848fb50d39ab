/** The embedded private CA: certificates without a network, for machines that trust its root. */
@NullMarked
package org.autotls.ca;

import org.jspecify.annotations.NullMarked;
