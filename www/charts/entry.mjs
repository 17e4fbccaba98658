// The charts: the part of Apache ECharts that the page uses, and the little that cannot be plain data.
// `cargo xtask charts` bundles it into the site's charts.mjs.

import { LineChart, RadarChart } from 'echarts/charts';
import { GridComponent, MarkLineComponent, RadarComponent, TooltipComponent } from 'echarts/components';
import { connect, init, use } from 'echarts/core';
import { LabelLayout } from 'echarts/features';
import { SVGRenderer } from 'echarts/renderers';

use([GridComponent, LabelLayout, LineChart, MarkLineComponent, RadarChart, RadarComponent, SVGRenderer, TooltipComponent]);

/**
 * Makes a chart in an element, which decides its size.
 *
 * @param {HTMLElement} element
 * @param {string | undefined} group Charts of one group have one cursor.
 * @param {((at: number) => void) | undefined} pick Is told where on the axis a visitor has clicked.
 * @returns {{ update(json: string): void, svg(): string, dispose(): void }} `update` takes the JSON of src/page/charts/mod.rs: an
 *   option object and the tooltips' texts by step. `svg` is the chart as it stands, as a file of its own.
 */
export function mount(element, group, pick) {
  const chart = init(element, null, { renderer: 'svg' });
  const observer = new ResizeObserver(() => chart.resize());
  observer.observe(element);
  if (group) {
    chart.group = group;
    connect(group);
  }
  if (pick) {
    chart.getZr().on('click', ({ offsetX, offsetY }) => {
      const place = [offsetX, offsetY];
      if (chart.containPixel('grid', place)) pick(chart.convertFromPixel({ gridIndex: 0 }, place)[0]);
    });
  }
  let tooltips = {};
  return {
    update(json) {
      const { option, tooltips: texts } = JSON.parse(json);
      tooltips = texts;
      option.tooltip.formatter = (points) => tooltips[points[0]?.axisValue] ?? '';
      try {
        chart.setOption(option, { replaceMerge: ['series', 'grid', 'radar', 'xAxis', 'yAxis'] });
      } catch (error) {
        // Told like any fault of a script; the page that has called must go on.
        reportError(error);
      }
    },
    svg() {
      return chart.renderToSVGString({ useViewBox: true });
    },
    dispose() {
      observer.disconnect();
      chart.dispose();
    },
  };
}
